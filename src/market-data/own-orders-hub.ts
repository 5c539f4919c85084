import type { Db } from "../db/connection.js";
import { grouped } from "../db/grouped.js";
import type { Json, JsonObject } from "../db/inbox-tables.js";
import type { Clock, MarketFeed, MarketSide, OrderUpdate, TradeMode } from "../market/ports.js";
import { createChannel, type Channel } from "./channel.js";

export interface OwnOrdersHubOptions {
  readonly db: Db;
  readonly feed: Pick<MarketFeed, "subscribe" | "subscribeOrders" | "subscribeFates">;
  readonly clock: Clock;
  /** How many events of each participant a reader may have missed; 2,000 when left out. */
  readonly kept?: number;
  /** A settlement could not be told. */
  readonly onError?: (error: unknown) => void;
}

/** What happens to the orders and trades of a participant, for nobody else. */
export interface OwnOrdersHub {
  channelOf(participantId: number): Channel;
}

const KEPT = 2_000;
const LOOK_UP_AT_ONCE = 200;

/** A trade that has come to its end, with both its sides. */
interface SettledRow {
  readonly id: string;
  readonly batch: string;
  readonly mode: TradeMode;
  readonly tonnes: bigint;
  readonly price: bigint;
  readonly status: string;
  readonly takerHash: string;
  readonly makerHash: string;
  readonly aggressor: MarketSide | null;
  readonly buyer: number;
  readonly seller: number;
  readonly buyerFee: bigint | null;
  readonly sellerFee: bigint | null;
  readonly txHash: string | null;
  readonly problem: JsonObject | null;
}

/** Follows the feed as long as it lives. */
export function createOwnOrdersHub(options: OwnOrdersHubOptions): OwnOrdersHub {
  const { db, feed, clock, kept = KEPT } = options;
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

  const find = grouped(LOOK_UP_AT_ONCE, async (ids: readonly string[]) => {
    const found = new Map((await findTrades(db, ids)).map((row) => [row.id, row]));
    return ids.map((id) => found.get(id));
  });

  async function settled(id: string): Promise<void> {
    const row = await find(id);
    if (row === undefined) return;
    // A deal, or a trade between two firms of one participant, is told once per side.
    channelOf(row.buyer).publish("settlement", settlementJson(row, "buy"));
    channelOf(row.seller).publish("settlement", settlementJson(row, "sell"));
  }

  feed.subscribeFates(({ id }) => {
    settled(id).catch(options.onError ?? (() => undefined));
  });

  return { channelOf };
}

function findTrades(db: Db, ids: readonly string[]): Promise<SettledRow[]> {
  return db
    .selectFrom("trades")
    .select(["id", "batch_code as batch", "mode", "tonnes", "price", "status", "aggressor", "problem"])
    .select(["taker_hash as takerHash", "maker_hash as makerHash", "tx_hash as txHash"])
    .select(["buyer_participant_id as buyer", "seller_participant_id as seller"])
    .select(["buyer_fee as buyerFee", "seller_fee as sellerFee"])
    .where("id", "in", ids)
    .execute();
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

function settlementJson(row: SettledRow, side: MarketSide) {
  const isTaker = row.aggressor === null ? side === "buy" : row.aggressor === side;
  return {
    trade: row.id,
    batch: row.batch,
    mode: row.mode,
    side,
    order: isTaker ? row.takerHash : row.makerHash,
    tonnes: row.tonnes.toString(),
    price: row.price.toString(),
    fee: (side === "buy" ? row.buyerFee : row.sellerFee)?.toString() ?? null,
    status: row.status,
    txHash: row.txHash,
    problem: row.problem as Json,
  };
}
