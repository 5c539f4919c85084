import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import { readCashBalance } from "../ledger/read/cash.js";
import type { KindedIntentJson } from "./rules.js";

const NO_HASH = `0x${"0".repeat(64)}`;

/**
 * What can be said about an amount of money, or of what leaves the exchange, without knowing who has what.
 * @throws Problem `cash-amount-zero`, `cash-reference-empty`, `exchange-amount-zero`
 */
export function checkMoney({ kind, json }: KindedIntentJson): void {
  if (kind === "exchange-withdrawal" && json.amount === "0") throw new Problem("exchange-amount-zero");
  if (kind !== "cash-transfer" && kind !== "redemption") return;
  if (json.amount === "0") throw new Problem("cash-amount-zero");
  if (kind === "redemption" && json.payoutHash === NO_HASH) throw new Problem("cash-reference-empty");
}

/** Why the contracts of money and trades would refuse the intent now, by what the read model knows. */
export async function refusalOfMoney(db: Db, { kind, json }: KindedIntentJson): Promise<Problem | undefined> {
  switch (kind) {
    case "cash-transfer":
    case "redemption":
      return refusalOfPayment(db, json.account, BigInt(json.amount));
    case "order-cancellation":
      return refusalOfOrderCancellation(db, json);
    case "mass-cancellation":
      return refusalOfMassCancellation(db, json);
    default:
      return undefined;
  }
}

async function refusalOfPayment(db: Db, account: string, amount: bigint): Promise<Problem | undefined> {
  const paused = await db
    .selectFrom("ledger_state")
    .select("value")
    .where("name", "=", "cashPaused")
    .executeTakeFirst();
  if (paused?.value === "true") return new Problem("cash-is-paused");
  const balance = await readCashBalance(db, account);
  if (amount <= balance) return undefined;
  const evidence = { sender: account, balance: balance.toString(), needed: amount.toString() };
  return new Problem("erc20-insufficient-balance", `${account} has ${balance}, the amount is ${amount}.`, { evidence });
}

interface OrderName {
  readonly account: string;
  readonly batch: string;
  readonly orderNonce: string;
}

async function refusalOfOrderCancellation(db: Db, order: OrderName): Promise<Problem | undefined> {
  const { account, batch, orderNonce } = order;
  const cancelled = await db
    .selectFrom("cancelled_orders")
    .select("nonce")
    .where("account", "=", account)
    .where("batch_code", "=", batch)
    .where("nonce", "=", BigInt(orderNonce))
    .executeTakeFirst();
  const floor = await floorOf(db, account);
  if (cancelled === undefined && BigInt(orderNonce) >= floor) return undefined;
  return new Problem("exchange-nonce-used", undefined, { evidence: { account, batchId: batch, nonce: orderNonce } });
}

async function refusalOfMassCancellation(
  db: Db,
  { account, beforeNonce }: { readonly account: string; readonly beforeNonce: string },
): Promise<Problem | undefined> {
  const current = await floorOf(db, account);
  if (BigInt(beforeNonce) > current) return undefined;
  const evidence = { account, nonce: beforeNonce, current: current.toString() };
  return new Problem("exchange-nonce-not-ahead", undefined, { evidence });
}

/** The first order nonce of the account that is not void. */
async function floorOf(db: Db, account: string): Promise<bigint> {
  const row = await db
    .selectFrom("order_floors")
    .select("first_valid_nonce")
    .where("account", "=", account)
    .executeTakeFirst();
  return row?.first_valid_nonce ?? 0n;
}
