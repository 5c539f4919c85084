import type { BookDepth, BookLevel, MarketEvent, MarketSide } from "../market/ports.js";

/** A level of the book as it is after a change; no tonnes: nobody stands there any more. */
export interface LevelChange extends BookLevel {
  readonly side: MarketSide;
}

/** One side: its prices in ascending order, and what stands at each. */
interface SideOfBook {
  readonly prices: number[];
  readonly levels: Map<number, BookLevel>;
}

/** The price levels of one market, kept from what happens in it. */
export interface BookMirror {
  /** Levels that the events touched, as they are after them. Events that the mirror knew already change nothing. */
  apply(seq: number, events: readonly MarketEvent[]): LevelChange[];
  /** The best prices of each side; all of them when left out. */
  depth(limit?: number): Pick<BookDepth, "bids" | "asks">;
}

export function createBookMirror(start: BookDepth): BookMirror {
  const sides: Readonly<Record<MarketSide, SideOfBook>> = { buy: sideOf(start.bids), sell: sideOf(start.asks) };

  function change(side: MarketSide, price: number, tonnes: number, orders: number): void {
    const { prices, levels } = sides[side];
    const before = levels.get(price);
    const after = { price, tonnes: (before?.tonnes ?? 0) + tonnes, orders: (before?.orders ?? 0) + orders };
    if (before === undefined) prices.splice(placeOf(prices, price), 0, price);
    if (after.orders > 0) levels.set(price, after);
    else {
      levels.delete(price);
      prices.splice(placeOf(prices, price), 1);
    }
  }

  return {
    apply(seq, events) {
      const touched = new Map<string, readonly [MarketSide, number]>();
      for (const event of events) {
        const step = stepOf(event);
        if (step === undefined) continue;
        const { side, price, tonnes, orders } = step;
        touched.set(`${side} ${price}`, [side, price]);
        if (seq > start.seq) change(side, price, tonnes, orders);
      }
      return [...touched.values()].map(([side, price]) => {
        const level = sides[side].levels.get(price) ?? { price, tonnes: 0, orders: 0 };
        return { side, ...level };
      });
    },

    depth(limit = Number.MAX_SAFE_INTEGER) {
      const { buy, sell } = sides;
      return {
        bids: best(buy, buy.prices.slice(-limit).reverse()),
        asks: best(sell, sell.prices.slice(0, limit)),
      };
    },
  };
}

function sideOf(levels: readonly BookLevel[]): SideOfBook {
  return {
    prices: levels.map(({ price }) => price).sort((a, b) => a - b),
    levels: new Map(levels.map((level) => [level.price, level])),
  };
}

function best({ levels }: SideOfBook, prices: readonly number[]): BookLevel[] {
  return prices.flatMap((price) => levels.get(price) ?? []);
}

/** What an event adds to a level. Undefined: it happened outside the book. */
function stepOf(event: MarketEvent): LevelChange | undefined {
  const { price, tonnes } = event;
  switch (event.type) {
    case "opened":
      return { side: event.side, price, tonnes, orders: 1 };
    case "removed":
      return { side: event.side, price, tonnes: -tonnes, orders: -1 };
    case "reduced":
      return { side: event.side, price, tonnes: -tonnes, orders: 0 };
    case "traded":
      if (event.mode !== "book") return undefined;
      return {
        side: event.aggressor === "buy" ? "sell" : "buy",
        price,
        tonnes: -tonnes,
        orders: event.makerLeft === 0 ? -1 : 0,
      };
  }
}

/** Where a price stands, or would stand, in the ascending order. */
function placeOf(prices: readonly number[], price: number): number {
  let low = 0;
  let high = prices.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((prices[middle] ?? price) < price) low = middle + 1;
    else high = middle;
  }
  return low;
}
