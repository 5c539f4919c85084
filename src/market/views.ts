import type { ReservationView } from "./ports.js";
import type { OrderView, OwnTradeView } from "./reads.js";

/** An order, as the API shows it. */
export function orderItem({ signature: _, ...order }: OrderView) {
  return { ...order, links: { self: `/v1/orders/${order.id}`, trades: `/v1/trades/mine?order=${order.id}` } };
}

/** A trade, as the API shows it to a party. */
export function ownTradeItem(trade: OwnTradeView) {
  return {
    ...trade,
    links: {
      order: trade.mode === "deal" ? null : `/v1/orders/${trade.order}`,
      operation: `/v1/operations/${trade.id}`,
      transaction: trade.txHash === null ? null : `/v1/transactions/${trade.txHash}`,
    },
  };
}

export function reservationItem({ key, asset, amount }: ReservationView) {
  return { for: key, batch: asset === "" ? null : asset, amount: amount.toString() };
}
