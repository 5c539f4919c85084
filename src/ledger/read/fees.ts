import type { Db } from "../../db/connection.js";
import { feeAt, readFeeSchedule } from "../fee-schedule.js";

/** What the exchange takes of a trade, from each side. */
export interface FeesView {
  /** In force, in basis points of the trade's value. */
  readonly basisPoints: number;
  /** What is announced; `from` is Unix time. Null: no change. */
  readonly next: { readonly basisPoints: number; readonly from: number } | null;
  /** Who receives them; null: nobody is named, and there can be none. */
  readonly account: string | null;
}

/** @param now Unix time, in seconds */
export async function readFees(db: Db, now: bigint): Promise<FeesView> {
  const rows = await db
    .selectFrom("ledger_state")
    .select(["name", "value"])
    .where("name", "in", ["feeSchedule", "feeAccount"])
    .execute();
  const state = new Map(rows.map(({ name, value }) => [name, value]));
  const schedule = readFeeSchedule(state.get("feeSchedule"));
  const { nextBasisPoints, nextFrom } = schedule;
  const isAhead = nextFrom !== 0 && BigInt(nextFrom) > now;
  return {
    basisPoints: feeAt(schedule, now),
    next: isAhead ? { basisPoints: nextBasisPoints, from: nextFrom } : null,
    account: state.get("feeAccount") ?? null,
  };
}
