import { Transaction } from "ethers";

import { parseQuantity } from "../rpc-shapes.js";
import type { OutboxConnection } from "./ports.js";

/** Fee fields of a transaction, in wei per gas: legacy, or EIP-1559. */
export type Fees =
  { readonly gasPrice: bigint } | { readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint };

const FALLBACK_PRIORITY_FEE = 1_000_000_000n;

/** A node replaces a pending transaction only for at least 10 % more (Besu, Geth); an eighth is safely above. */
const BUMP_DIVISOR = 8n;

/** What to pay now. A network without a base fee and with a zero gas price takes legacy transactions for nothing. */
export async function currentFees(connection: OutboxConnection): Promise<Fees> {
  const block = await connection.request("eth_getBlockByNumber", ["latest", false]);
  const { baseFeePerGas } = (block ?? {}) as { baseFeePerGas?: unknown };
  if (baseFeePerGas === undefined || baseFeePerGas === null) {
    return { gasPrice: parseQuantity(await connection.request("eth_gasPrice", [])) };
  }
  const baseFee = parseQuantity(baseFeePerGas);
  if (baseFee === 0n) return { gasPrice: 0n };
  const maxPriorityFeePerGas = await priorityFee(connection);
  // Twice the base fee holds through six full blocks in a row.
  return { maxFeePerGas: 2n * baseFee + maxPriorityFeePerGas, maxPriorityFeePerGas };
}

/** What to pay for the next version of a transaction that got stuck; null when paying more means nothing: the network takes no fees. */
export function bumpedFees(raw: string, now: Fees): Fees | null {
  const before = Transaction.from(raw);
  const more = (paid: bigint | null): bigint => (paid ?? 0n) + (paid ?? 0n) / BUMP_DIVISOR + 1n;
  if ("gasPrice" in now) {
    if (now.gasPrice === 0n) return null;
    return { gasPrice: max(now.gasPrice, more(before.gasPrice)) };
  }
  return {
    maxFeePerGas: max(now.maxFeePerGas, more(before.maxFeePerGas ?? before.gasPrice)),
    maxPriorityFeePerGas: max(now.maxPriorityFeePerGas, more(before.maxPriorityFeePerGas ?? before.gasPrice)),
  };
}

async function priorityFee(connection: OutboxConnection): Promise<bigint> {
  try {
    return parseQuantity(await connection.request("eth_maxPriorityFeePerGas", []));
  } catch {
    return FALLBACK_PRIORITY_FEE;
  }
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
