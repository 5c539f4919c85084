import { Problem } from "../errors.js";
import type { SignedOrderJson } from "../market/ports.js";
import type { AuctionRecord } from "./store.js";

type Order = SignedOrderJson["order"];

/** How long after the close the orders of an auction must live, in seconds: all of its trades have to reach the chain. */
export const SETTLEMENT_SECONDS = 3_600n;

const MAX_DAYS = 31n;
const MAX_SECONDS = MAX_DAYS * 86_400n;

/** Unix time, in seconds: bids are taken from `opensAt` on, and before `closesAt`. */
export interface Times {
  readonly opensAt: bigint;
  readonly closesAt: bigint;
}

/** @throws Problem `auction-times-invalid` */
export function checkTimes({ opensAt, closesAt }: Times, now: bigint): void {
  const refuse = (detail: string): never => {
    const evidence = { opensAt: opensAt.toString(), closesAt: closesAt.toString(), now: now.toString() };
    throw new Problem("auction-times-invalid", detail, { evidence });
  };
  if (opensAt <= now) refuse("It must open in the future, so that the commitment is known before the first bid.");
  if (closesAt <= opensAt) refuse("It must close after it opens.");
  if (closesAt > now + MAX_SECONDS) refuse(`It must close within ${MAX_DAYS} days.`);
}

/** @throws Problem `auction-terms-invalid` */
export function checkAuctionOrder(order: Order, settlesBy: bigint): void {
  checkOrder(order, "sell", settlesBy);
}

/** @throws Problem `auction-terms-invalid`, `auction-bid-below-reserve` */
export function checkBidOrder(order: Order, auction: AuctionRecord, settlesBy: bigint): void {
  checkOrder(order, "buy", settlesBy);
  if (order.batch !== auction.batch)
    throw termsInvalid(`The auction is about ${auction.batch}, the order about ${order.batch}.`, {
      batch: order.batch,
    });
  if (BigInt(order.limitPrice) >= auction.reservePrice) return;
  const evidence = { price: order.limitPrice, reservePrice: auction.reservePrice.toString() };
  throw new Problem("auction-bid-below-reserve", undefined, { evidence });
}

/** @throws Problem `auction-not-yet-open`, `auction-closed` */
export function checkBidTime({ status, opensAt, closesAt }: AuctionRecord, now: bigint): void {
  const evidence = { opensAt: opensAt.toString(), closesAt: closesAt.toString(), now: now.toString() };
  if (status !== "open" || now >= closesAt) throw new Problem("auction-closed", undefined, { evidence });
  if (now < opensAt) throw new Problem("auction-not-yet-open", undefined, { evidence });
}

function checkOrder({ side, minimumTonnes, expiresAt }: Order, wanted: "buy" | "sell", settlesBy: bigint): void {
  if (side !== wanted) throw termsInvalid(`The order must ${wanted}.`, { side });
  if (minimumTonnes !== "0")
    throw termsInvalid("An auction may give any part of an order: it can have no minimum.", { minimumTonnes });
  if (BigInt(expiresAt) < settlesBy)
    throw termsInvalid(`The order must live until ${settlesBy}, an hour after the close.`, { expiresAt });
}

function termsInvalid(detail: string, evidence: { readonly [name: string]: string }): Problem {
  return new Problem("auction-terms-invalid", detail, { evidence });
}
