import type { Db } from "../db/connection.js";
import type { Instruments } from "../instruments/service.js";
import type { TradeMode } from "../market/ports.js";
import { readCandles, readTurnover, type BatchTurnover, type Candle, type Turnover } from "./trade-queries.js";

/** A day of an instrument, as the exchange publishes it at close. */
export interface DailySummary extends Turnover {
  readonly batch: string;
  readonly day: string;
  readonly currency: string;
  /** Null: nothing was traded. */
  readonly prices: Pick<Candle, "open" | "high" | "low" | "close"> | null;
  /** The close before, or what the operator has set since. */
  readonly reference: bigint | null;
  /** The day is over and all its trades are settled: nothing will change any more. */
  readonly isFinal: boolean;
  readonly byMode: readonly (Turnover & { readonly mode: TradeMode })[];
}

const DAY = 86_400_000;
const MINUTE = 60_000;

export interface DailyDeps {
  readonly db: Db;
  readonly instruments: Pick<Instruments, "get" | "calendar" | "referenceHistory">;
  now(): number;
}

/**
 * The days of an instrument on which something was traded, the earliest first.
 * @param days First and last local day. With `withEmpty`, the first day is given even if nothing was traded on it.
 */
export async function dailySummaries(
  { db, instruments, now }: DailyDeps,
  batch: string,
  days: { readonly first: string; readonly last: string },
  withEmpty = false,
): Promise<DailySummary[]> {
  const calendar = instruments.calendar(batch);
  const { market } = await instruments.get(batch);
  const [from, to] = [calendar.startOf(days.first), calendar.startOf(days.last) + DAY];
  const candles = await readCandles(db, batch, { from, to }, DAY, calendar.utcOffsetMinutes * MINUTE);
  const { before, sets } = await instruments.referenceHistory(batch, from, to);

  const summaries: DailySummary[] = [];
  let close = before;
  const starts = withEmpty && candles.length === 0 ? [{ start: from }] : candles;
  for (const candle of starts) {
    const start = candle.start;
    const set = sets.find(({ at }) => at < start + DAY);
    const reference = close !== null && (set === undefined || close.at > set.at) ? close.price : (set?.price ?? null);
    const traded = "close" in candle ? candle : null;
    const byMode = traded === null ? [] : await readTurnover(db, { from: start, to: start + DAY }, batch);
    const day = calendar.dayOf(start);
    const end = calendar.sessionsOf(day).at(-1)?.to ?? start;
    summaries.push({
      batch,
      day,
      currency: market?.currency ?? "",
      prices: traded,
      reference,
      isFinal: now() >= end && traded?.isProvisional !== true,
      tonnes: traded?.tonnes ?? 0n,
      value: traded?.value ?? 0n,
      trades: traded?.trades ?? 0n,
      byMode: byMode.map(({ batch: _, ...turnover }) => turnover),
    });
    if (traded !== null) close = { price: traded.close, at: traded.closedAt.getTime() };
  }
  return summaries;
}

/** The sum over instruments and modes. */
export function totalOf(parts: readonly Turnover[]): Turnover {
  return parts.reduce(
    (sum, { tonnes, value, trades }) => ({
      tonnes: sum.tonnes + tonnes,
      value: sum.value + value,
      trades: sum.trades + trades,
    }),
    { tonnes: 0n, value: 0n, trades: 0n },
  );
}

/** Volume by instrument, with its modes. */
export function byBatch(rows: readonly BatchTurnover[]) {
  return [...Map.groupBy(rows, ({ batch }) => batch)].map(([batch, modes]) => ({
    batch,
    ...totalOf(modes),
    byMode: modes.map(({ batch: _, ...turnover }) => turnover),
  }));
}
