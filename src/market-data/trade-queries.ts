import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import { IS_UNSETTLED } from "../db/unsettled-trades.js";
import { toInteger } from "../integers.js";
import { readPage, type Page, type PageRequest } from "../ledger/read/page.js";
import type { TradeMode } from "../market/ports.js";

/**
 * What trades say about prices. Every trade counts from the moment that it is matched, whatever the mode; one whose settlement failed
 * never was: it drops out, and what was made of it is corrected with the next answer.
 */

export type TradeStatus = "matched" | "settled" | "failed";

/** A trade as everybody may see it: not who traded. */
export interface PublicTrade {
  readonly id: string;
  readonly batch: string;
  readonly mode: TradeMode;
  readonly price: bigint;
  readonly tonnes: bigint;
  /** The side that came second. Null where nobody did. */
  readonly aggressor: "buy" | "sell" | null;
  readonly matchedAt: Date;
  readonly status: TradeStatus;
  readonly txHash: string | null;
  readonly blockNumber: bigint | null;
}

export interface TradeFilter {
  readonly status?: TradeStatus | undefined;
  readonly mode?: TradeMode | undefined;
}

/** From `from` on, before `to`; Unix milliseconds. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** What was traded in a span of time. Prices are minor units per tonne; `value` is the sum of price × tonnes. */
export interface Turnover {
  readonly tonnes: bigint;
  readonly value: bigint;
  readonly trades: bigint;
}

export interface Candle extends Turnover {
  /** Unix milliseconds. */
  readonly start: number;
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
  /** When its last trade was matched. */
  readonly closedAt: Date;
  /** A trade in it is not settled yet, and may still drop out. */
  readonly isProvisional: boolean;
}

export interface BatchTurnover extends Turnover {
  readonly batch: string;
  readonly mode: TradeMode;
}

/** The latest first. */
export function pageOfTrades(
  db: Db,
  batch: string,
  filter: TradeFilter,
  request: PageRequest,
): Promise<Page<PublicTrade>> {
  let query = db
    .selectFrom("trades")
    .select(["id", "batch_code as batch", "mode", "price", "tonnes", "aggressor", "status"])
    .select(["matched_at as matchedAt", "tx_hash as txHash", "block_number as blockNumber"])
    .where("batch_code", "=", batch);
  if (filter.status !== undefined) query = query.where("status", "=", filter.status);
  if (filter.status === "matched") query = query.where(IS_UNSETTLED);
  if (filter.mode !== undefined) query = query.where("mode", "=", filter.mode);
  return readPage(query, [{ column: "seq", kind: "int8" }], "desc", request, publicTrade);
}

/** Without the key of the page. */
function publicTrade({
  id,
  batch,
  mode,
  price,
  tonnes,
  aggressor,
  matchedAt,
  status,
  txHash,
  blockNumber,
}: PublicTrade) {
  return { id, batch, mode, price, tonnes, aggressor, matchedAt, status, txHash, blockNumber };
}

interface CandleRow extends Omit<Candle, "start"> {
  readonly start: bigint;
}

/**
 * Candles by interval, the earliest first; an interval without a trade has none.
 * @param interval Milliseconds. Intervals are counted from the local midnight.
 * @param offset Local time minus UTC, in milliseconds.
 */
export async function readCandles(
  db: Db,
  batch: string,
  { from, to }: TimeRange,
  interval: number,
  offset: number,
): Promise<Candle[]> {
  const { rows } = await sql<CandleRow>`
    select local - local % ${interval}::int8 - ${offset}::int8 as "start",
      (array_agg(price order by matched_at, seq))[1] as "open",
      max(price) as "high",
      min(price) as "low",
      (array_agg(price order by matched_at desc, seq desc))[1] as "close",
      sum(tonnes) as "tonnes",
      sum(tonnes * price) as "value",
      count(*) as "trades",
      max(matched_at) as "closedAt",
      bool_or(status = 'matched') as "isProvisional"
    from (
      select price, tonnes, seq, matched_at, status, floor(extract(epoch from matched_at) * 1000)::int8 + ${offset}::int8 as local
      from trades
      where batch_code = ${batch} and status <> 'failed'
        and matched_at >= ${new Date(from)} and matched_at < ${new Date(to)}
    ) as counted
    group by 1 order by 1`.execute(db);
  return rows.map((row) => ({ ...row, start: toInteger(row.start) }));
}

/** What was traded in a span of time, by batch and mode. */
export async function readTurnover(db: Db, { from, to }: TimeRange, batch?: string): Promise<BatchTurnover[]> {
  let query = db
    .selectFrom("trades")
    .select(["batch_code as batch", "mode"])
    .select(({ fn }) => [fn.sum<bigint>("tonnes").as("tonnes"), fn.countAll<bigint>().as("trades")])
    .select(sql<bigint>`sum(tonnes * price)`.as("value"))
    .where("status", "<>", "failed")
    .where("matched_at", ">=", new Date(from))
    .where("matched_at", "<", new Date(to))
    .groupBy(["batch_code", "mode"])
    .orderBy("batch_code")
    .orderBy("mode");
  if (batch !== undefined) query = query.where("batch_code", "=", batch);
  return query.execute();
}
