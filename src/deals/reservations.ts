import type { DealJson } from "../chain/orders.js";
import type { DealSide } from "../db/deal-tables.js";
import { costOf } from "../market/money.js";
import { CASH } from "../market/ports.js";
import { amountsOf } from "./rules.js";

/** What a party of a deal must have free for it: the seller the tonnes, the buyer the price and the highest fee. */
export function reservationOf(hash: string, deal: DealJson, side: DealSide) {
  const { tonnes, price, maximumFee } = amountsOf(deal);
  if (side === "seller")
    return { key: `deal:${hash}:units`, account: deal.seller, asset: deal.batch, amount: BigInt(tonnes) };
  return { key: `deal:${hash}:cash`, account: deal.buyer, asset: CASH, amount: costOf(tonnes, price, maximumFee) };
}
