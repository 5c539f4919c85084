import { createHash } from "node:crypto";

import type { MarketSide } from "./ports.js";

export const BASIS_POINTS = 10_000n;

/** The most that a price or an amount of tonnes may be in an order: the core counts in numbers. */
export const MAX_PRICE = Number.MAX_SAFE_INTEGER;
export const MAX_ORDER_TONNES = 2 ** 40 - 1;

/** Price times tonnes, and the fee on it, rounded down as the contract does. Minor units. */
export function costOf(tonnes: number | bigint, price: number | bigint, feeBasisPoints: number): bigint {
  const value = BigInt(tonnes) * BigInt(price);
  return feeBasisPoints === 0 ? value : value + (value * BigInt(feeBasisPoints)) / BASIS_POINTS;
}

/** What an order may still need of its position: tonnes of a sale, money with the highest fee of a buy. */
export function needOf(
  { side, price, maximumFee }: { readonly side: MarketSide; readonly price: number; readonly maximumFee: number },
  tonnes: number,
): bigint {
  return side === "sell" ? BigInt(tonnes) : costOf(tonnes, price, maximumFee);
}

/** The id of a trade between two orders: they meet once at most. */
export function tradeIdOf(takerHash: string, makerHash: string): string {
  return `0x${createHash("sha256").update(takerHash).update(makerHash).digest("hex")}`;
}
