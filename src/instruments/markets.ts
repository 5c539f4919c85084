import type { MarketState } from "../db/instrument-tables.js";
import { Problem } from "../errors.js";
import { toInteger } from "../integers.js";
import type { Instrument, InstrumentKind, MarketRules } from "../market/ports.js";
import type { TradingCalendar } from "./calendar.js";

/** What the operator decided about a market, and whether it is halted. Prices are minor units per tonne. */
export interface MarketDefinition {
  readonly currency: string;
  readonly tick: bigint;
  /** How far, in basis points, a price may be from the reference price of the day. Null: as far as it likes. */
  readonly bandBasisPoints: number | null;
  /** Set by the operator: counts until a trading day after `referenceSetAt` has had a trade. */
  readonly referencePrice: bigint | null;
  readonly referenceSetAt: number | null;
  readonly calendar: TradingCalendar;
  readonly state: MarketState;
  readonly stateReason: string | null;
  readonly updatedAt: Date;
}

/** A trade as far as prices go. */
export interface PricePoint {
  readonly price: bigint;
  /** Unix milliseconds. */
  readonly at: number;
}

/** The latest trade that did not fail, and the latest of an earlier day than that: its day's close. */
export interface Closes {
  readonly last: PricePoint | null;
  readonly before: PricePoint | null;
}

/** Lowest and highest price of a day, both allowed. */
export interface PriceBand {
  readonly low: bigint;
  readonly high: bigint;
}

interface Market {
  readonly kind: InstrumentKind;
  readonly definition: MarketDefinition | null;
  readonly closes: Closes;
}

const NO_CLOSES: Closes = { last: null, before: null };
const WHOLE = 10_000n;

export type Markets = ReturnType<typeof createMarkets>;

/** All instruments in memory: what the rules of the market ask at every order. */
export function createMarkets() {
  const markets = new Map<string, Market>();

  function change(batch: string, part: Partial<Market>): void {
    const market = markets.get(batch);
    if (market !== undefined) markets.set(batch, { ...market, ...part });
  }

  function defined(batch: string): { market: Market; definition: MarketDefinition } | undefined {
    const market = markets.get(batch);
    return market?.definition ? { market, definition: market.definition } : undefined;
  }

  const unknown = (batch: string): Problem =>
    new Problem("instrument-unknown", `${batch} is not listed for trading, or its market is not defined.`);

  const rules: MarketRules = {
    instrument(batch): Instrument | undefined {
      const found = defined(batch);
      return found && { batch, kind: found.market.kind, tick: toInteger(found.definition.tick) };
    },

    refusalOfTime(batch, at) {
      const found = defined(batch);
      if (found === undefined) return unknown(batch);
      const { state, stateReason, calendar } = found.definition;
      if (state === "halted") {
        return new Problem(
          "market-halted",
          `The market of ${batch} is halted: ${stateReason ?? "no reason is given"}.`,
        );
      }
      if (calendar.isOpenAt(at)) return undefined;
      const opens = instantText(calendar.nextOpen(at));
      return new Problem(
        "market-closed",
        `The market of ${batch} is closed until ${opens ?? "its calendar is extended"}.`,
        {
          nextOpen: opens,
        },
      );
    },

    refusalOfPrice(batch, price, at) {
      const found = defined(batch);
      if (found === undefined) return unknown(batch);
      const { tick } = found.definition;
      if (price <= 0n || price % tick !== 0n) {
        return new Problem("price-off-tick", `${price} is not a multiple of ${tick}.`, { tick: tick.toString() });
      }
      const band = bandAt(found.definition, found.market.closes, at);
      if (band === null || (price >= band.low && price <= band.high)) return undefined;
      return new Problem("price-outside-band", `${price} is not from ${band.low} to ${band.high}.`, {
        low: band.low.toString(),
        high: band.high.toString(),
      });
    },

    endOfDay(batch, at) {
      const calendar = defined(batch)?.definition.calendar;
      const day = calendar?.tradingDayOf(at) ?? null;
      const end = day === null ? undefined : calendar?.sessionsOf(day).at(-1)?.to;
      if (end === undefined) throw unknown(batch);
      return toInteger(BigInt(end) / 1_000n);
    },
  };

  return {
    rules,

    /** In the order of their codes. */
    all: (): string[] => [...markets.keys()].sort(),
    market: (batch: string): Market | undefined => markets.get(batch),

    list(batch: string, kind: InstrumentKind): void {
      if (!markets.has(batch)) markets.set(batch, { kind, definition: null, closes: NO_CLOSES });
    },
    /** Forgets all, to begin again from what is stored. */
    clear: (): void => markets.clear(),
    define: (batch: string, definition: MarketDefinition): void => change(batch, { definition }),
    setCloses: (batch: string, closes: Closes): void => change(batch, { closes }),

    /** A trade was matched: it is the last one now. */
    traded(batch: string, point: PricePoint): void {
      const found = defined(batch);
      if (found === undefined) return;
      const { last, before } = found.market.closes;
      const { calendar } = found.definition;
      const isNewDay = last !== null && calendar.dayOf(last.at) < calendar.dayOf(point.at);
      change(batch, { closes: { last: point, before: isNewDay ? last : before } });
    },
  };
}

/** The price that the band of an instant's day is laid around: the close before that day, or what the operator has set since. */
export function referenceAt(definition: MarketDefinition, { last, before }: Closes, at: number): bigint | null {
  const { calendar, referencePrice, referenceSetAt } = definition;
  const isBefore = (point: PricePoint | null): point is PricePoint =>
    point !== null && calendar.dayOf(point.at) < calendar.dayOf(at);
  const close = isBefore(last) ? last : isBefore(before) ? before : null;
  if (referencePrice === null || referenceSetAt === null) return close?.price ?? null;
  return close !== null && close.at > referenceSetAt ? close.price : referencePrice;
}

/** Prices that are allowed on an instant's day, rounded inwards. Null: no band, or nothing yet to lay one around. */
export function bandAt(definition: MarketDefinition, closes: Closes, at: number): PriceBand | null {
  if (definition.bandBasisPoints === null) return null;
  const reference = referenceAt(definition, closes, at);
  if (reference === null) return null;
  const width = BigInt(definition.bandBasisPoints);
  // Division rounds down; the lower end is to be rounded up.
  return { low: (reference * (WHOLE - width) + WHOLE - 1n) / WHOLE, high: (reference * (WHOLE + width)) / WHOLE };
}

export function instantText(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
