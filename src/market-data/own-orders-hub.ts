import type { Json } from "../db/inbox-tables.js";
import type { Clock, MarketFeed, MarketSide, OrderUpdate, TradeFate } from "../market/ports.js";
import { createChannel, type Channel } from "./channel.js";

export interface OwnOrdersHubOptions {
  readonly feed: Pick<MarketFeed, "subscribe" | "subscribeOrders" | "subscribeFates">;
  readonly clock: Clock;
  /** How many events of each participant a reader may have missed; 2,000 when left out. */
  readonly kept?: number;
}

/** What happens to the orders and trades of a participant, for nobody else. */
export interface OwnOrdersHub {
  channelOf(participantId: number): Channel;
}

const KEPT = 2_000;

/** Follows the feed as long as it lives. */
export function createOwnOrdersHub(options: OwnOrdersHubOptions): OwnOrdersHub {
  const { feed, clock, kept = KEPT } = options;
  const channels = new Map<number, Channel>();
  const start = clock.now();
  /** Trades of the command that is being told: what changed of the orders is told right after. */
  let trades = new Map<string, { readonly price: number; readonly tonnes: number }>();

  function channelOf(participantId: number): Channel {
    const known = channels.get(participantId);
    if (known !== undefined) return known;
    const made = createChannel(start, kept);
    channels.set(participantId, made);
    return made;
  }

  feed.subscribe(({ events }) => {
    const traded = events.flatMap((event) => (event.type === "traded" ? [event] : []));
    trades = new Map(traded.map(({ trade, price, tonnes }) => [trade, { price, tonnes }]));
  });

  feed.subscribeOrders(({ at, order, trade }: OrderUpdate) => {
    const data = { at: new Date(at).toISOString(), order: orderJson(order) };
    const fill = trade === null ? undefined : trades.get(trade);
    const channel = channelOf(order.participantId);
    if (trade === null || fill === undefined) channel.publish("order", data);
    else channel.publish("fill", { ...data, fill: { trade, price: String(fill.price), tonnes: String(fill.tonnes) } });
  });

  feed.subscribeFates((fate) => {
    // A deal, or a trade between two firms of one participant, is told once per side.
    channelOf(fate.buyerParticipantId).publish("settlement", settlementJson(fate, "buy"));
    channelOf(fate.sellerParticipantId).publish("settlement", settlementJson(fate, "sell"));
  });

  return { channelOf };
}

function orderJson(order: OrderUpdate["order"]) {
  const { hash, account, batch, side, tonnes, filledTonnes, price, status, reason } = order;
  return {
    id: hash,
    account,
    batch,
    side,
    tonnes: String(tonnes),
    filledTonnes: String(filledTonnes),
    price: String(price),
    status,
    reason,
  };
}

function settlementJson(fate: TradeFate, side: MarketSide) {
  const isTaker = fate.aggressor === null ? side === "buy" : fate.aggressor === side;
  return {
    trade: fate.id,
    batch: fate.batch,
    mode: fate.mode,
    side,
    order: isTaker ? fate.takerHash : fate.makerHash,
    tonnes: fate.tonnes.toString(),
    price: fate.price.toString(),
    fee: (side === "buy" ? fate.buyerFee : fate.sellerFee)?.toString() ?? null,
    status: fate.status,
    txHash: fate.txHash,
    problem: fate.problem as Json,
  };
}
