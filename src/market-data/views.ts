import type { BookDepth, BookLevel, MarketEvent } from "../market/ports.js";
import type { LevelChange } from "./book-mirror.js";

export interface LevelJson {
  readonly price: string;
  readonly tonnes: string;
  readonly orders: number;
}

export interface BookJson {
  readonly batch: string;
  /** Number of the latest event of the stream that is in it. */
  readonly sequence: number;
  readonly bids: readonly LevelJson[];
  readonly asks: readonly LevelJson[];
}

export function bookJson(batch: string, sequence: number, { bids, asks }: Pick<BookDepth, "bids" | "asks">): BookJson {
  return { batch, sequence, bids: bids.map(levelJson), asks: asks.map(levelJson) };
}

function levelJson({ price, tonnes, orders }: BookLevel): LevelJson {
  return { price: String(price), tonnes: String(tonnes), orders };
}

export function changeJson({ side, ...level }: LevelChange) {
  return { side, ...levelJson(level) };
}

/** A trade as the stream tells everybody: not who traded. */
export function tradedJson({ trade, mode, aggressor, price, tonnes }: Extract<MarketEvent, { type: "traded" }>) {
  return {
    id: trade,
    mode,
    price: String(price),
    tonnes: String(tonnes),
    value: (BigInt(price) * BigInt(tonnes)).toString(),
    aggressor,
  };
}
