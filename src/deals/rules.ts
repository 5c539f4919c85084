import type { DealJson } from "../chain/orders.js";
import { Problem } from "../errors.js";
import { toInteger } from "../integers.js";
import { BASIS_POINTS, MAX_ORDER_TONNES, MAX_PRICE } from "../market/money.js";

/** A deal is negotiated, reported and confirmed within days: nothing is to be reserved for longer. */
const MAX_LIFE_SECONDS = 31n * 86_400n;

/** How long before its expiry a deal must be confirmed, in seconds: the settlement has to reach the chain in time. */
export const SETTLEMENT_SECONDS = 60n;

/** A deal's quantities, as the market reckons with them. */
export interface DealAmounts {
  readonly tonnes: number;
  readonly price: number;
  readonly maximumFee: number;
  /** Unix time, in seconds. */
  readonly expiresAt: bigint;
}

/** @throws Problem `deal-quantity-invalid` */
export function amountsOf({ tonnes, price, maximumFeeBasisPoints, expiresAt }: DealJson): DealAmounts {
  checkRange("tonnes", BigInt(tonnes), 1n, BigInt(MAX_ORDER_TONNES));
  checkRange("price", BigInt(price), 1n, BigInt(MAX_PRICE));
  checkRange("maximumFeeBasisPoints", BigInt(maximumFeeBasisPoints), 0n, BASIS_POINTS);
  return {
    tonnes: toInteger(tonnes),
    price: toInteger(price),
    maximumFee: toInteger(maximumFeeBasisPoints),
    expiresAt: BigInt(expiresAt),
  };
}

function checkRange(field: string, value: bigint, lowest: bigint, highest: bigint): void {
  if (value >= lowest && value <= highest) return;
  const detail = `\`${field}\` must be from ${lowest} to ${highest}.`;
  throw new Problem("deal-quantity-invalid", detail, { evidence: { [field]: value.toString() } });
}

/**
 * @param at Unix milliseconds.
 * @throws Problem `deal-expired`, `validation-failed` when it expires too late
 */
export function checkLife(expiresAt: bigint, at: number): void {
  const now = BigInt(at) / 1_000n;
  if (now >= expiresAt - SETTLEMENT_SECONDS) {
    const evidence = { expiresAt: expiresAt.toString(), now: now.toString() };
    throw new Problem("deal-expired", undefined, { evidence });
  }
  if (expiresAt > now + MAX_LIFE_SECONDS) {
    const message = `must be at most ${MAX_LIFE_SECONDS} seconds from now`;
    const errors = [{ path: "/body/deal/expiresAt", message }];
    throw new Problem("validation-failed", `/body/deal/expiresAt: ${message}`, { errors });
  }
}
