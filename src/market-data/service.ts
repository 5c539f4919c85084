import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import type { Instruments } from "../instruments/service.js";
import { toInteger } from "../integers.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import type { Clock, MarketFeed, OrderSessions } from "../market/ports.js";
import { byBatch, dailySummaries, totalOf, type DailySummary } from "./daily.js";
import { createMarketHub, type MarketHub } from "./market-hub.js";
import { createOwnOrdersHub, type OwnOrdersHub } from "./own-orders-hub.js";
import type { INTERVALS } from "./schemas.js";
import { MAX_CANDLES, MAX_DAYS } from "./schemas.js";
import {
  pageOfTrades,
  readCandles,
  readTurnover,
  type Candle,
  type PublicTrade,
  type TradeFilter,
  type Turnover,
} from "./trade-queries.js";
import type { BookJson } from "./views.js";

export interface MarketDataDeps {
  readonly db: Db;
  readonly instruments: Instruments;
  readonly feed: MarketFeed;
  readonly sessions: OrderSessions;
  readonly clock: Clock;
  /** Resolves once the books are known. @throws Problem `market-unavailable` when that takes too long */
  ready(): Promise<void>;
}

export type Interval = (typeof INTERVALS)[number];

/** Days as `YYYY-MM-DD`, local, both inclusive. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

export interface VolumeView {
  readonly items: readonly ReturnType<typeof byBatch>[number][];
  readonly total: Turnover;
}

export interface MarketData {
  readonly market: MarketHub;
  readonly own: OwnOrdersHub;
  readonly sessions: OrderSessions;
  /** Resolves once the books are known. */
  ready(): Promise<void>;
  /** @throws Problem `not-found` when the batch has no market */
  checkMarket(batch: string): Promise<void>;
  book(batch: string, levels: number): Promise<BookJson>;
  trades(batch: string, filter: TradeFilter, request: PageRequest): Promise<Page<PublicTrade>>;
  /** Both ends are Unix milliseconds, or undefined for the default. @throws Problem `range-invalid` */
  candles(
    batch: string,
    interval: Interval,
    range: { readonly from: number | undefined; readonly to: number | undefined },
  ): Promise<Candle[]>;
  /** @throws Problem `range-invalid` */
  daily(batch: string, range: Partial<DayRange>): Promise<DailySummary[]>;
  /** A day of all markets. */
  day(
    date: string | undefined,
  ): Promise<{ readonly day: string; readonly items: DailySummary[]; readonly total: Turnover }>;
  /** @throws Problem `range-invalid` */
  volume(range: DayRange, batch: string | undefined): Promise<VolumeView>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const DEFAULT_DAYS = 30;

/** All calendars count days so: seven hours ahead of UTC. */
const OFFSET = 7 * HOUR;

export const MILLISECONDS: Readonly<Record<Interval, number>> = {
  "1m": MINUTE,
  "5m": 5 * MINUTE,
  "15m": 15 * MINUTE,
  "1h": HOUR,
  "1d": DAY,
};

/** What the markets show everybody, and each participant its own. Follows the feed from now on. */
export function createMarketData(deps: MarketDataDeps): MarketData {
  const { db, instruments, feed, sessions, clock, ready } = deps;
  const market = createMarketHub({ feed, clock });
  const own = createOwnOrdersHub({ feed, clock });
  const now = (): number => clock.now();
  const daily = { db, instruments, now };

  instruments.onDecision(({ batch, market: decided }) => {
    if (decided === null) return;
    const { state, stateReason, updatedAt } = decided;
    market.decided(batch, { at: updatedAt.toISOString(), state, reason: stateReason });
  });

  const today = (): string => dayOf(now());
  async function checkMarket(batch: string): Promise<void> {
    await instruments.ready();
    instruments.calendar(batch);
  }

  return {
    market,
    own,
    sessions,
    ready,
    checkMarket,

    async book(batch, levels) {
      await checkMarket(batch);
      await ready();
      return market.bookOf(batch, levels);
    },

    async trades(batch, filter, request) {
      await checkMarket(batch);
      return pageOfTrades(db, batch, filter, request);
    },

    async candles(batch, name, range) {
      await checkMarket(batch);
      const interval = MILLISECONDS[name];
      const startOf = (at: number): number => at - positiveRemainder(at + OFFSET, interval);
      const to = startOf(range.to ?? now()) + interval;
      const from = range.from === undefined ? to - MAX_CANDLES * interval : startOf(range.from);
      if (from >= to) throw new Problem("range-invalid", "`from` must not be after `to`.");
      if (to - from > MAX_CANDLES * interval) {
        throw new Problem("range-invalid", `At most ${MAX_CANDLES} intervals are given at once.`);
      }
      return readCandles(db, batch, { from, to }, interval, OFFSET);
    },

    async daily(batch, range) {
      await checkMarket(batch);
      const last = range.to ?? today();
      const first = range.from ?? dayOf(startOfDay(last) - DEFAULT_DAYS * DAY);
      checkDays({ from: first, to: last });
      return dailySummaries(daily, batch, { first, last });
    },

    async day(date) {
      await instruments.ready();
      const day = date ?? today();
      const items: DailySummary[] = [];
      for (const batch of instruments.all().filter((code) => instruments.rules.instrument(code) !== undefined)) {
        items.push(...(await dailySummaries(daily, batch, { first: day, last: day }, true)));
      }
      return { day, items, total: totalOf(items) };
    },

    async volume(range, batch) {
      checkDays(range);
      const span = { from: startOfDay(range.from), to: startOfDay(range.to) + DAY };
      const items = byBatch(await readTurnover(db, span, batch));
      return { items, total: totalOf(items) };
    },
  };
}

function dayOf(at: number): string {
  return new Date(at + OFFSET).toISOString().slice(0, 10);
}

function startOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) - OFFSET;
}

function checkDays({ from, to }: DayRange): void {
  const days = toInteger(BigInt(startOfDay(to) - startOfDay(from)) / BigInt(DAY)) + 1;
  if (days < 1) throw new Problem("range-invalid", "`from` must not be after `to`.");
  if (days > MAX_DAYS) throw new Problem("range-invalid", `At most ${MAX_DAYS} days are given at once.`);
}

/** What is left of a division that rounds down, for instants before 1970 too. */
function positiveRemainder(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
