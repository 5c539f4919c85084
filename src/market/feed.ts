import type { Effects, EngineTrade, MarketEngine, OrderRecord } from "./engine.js";
import type { MarketFeed, MarketUpdate, OrderState, OrderUpdate, RemovalReason, TradeFate } from "./ports.js";

/** The feed, and the side of it that the host speaks into. */
export interface FeedHub extends MarketFeed {
  tell(effects: Effects): void;
  tellFate(fate: TradeFate): void;
}

export function createFeed(engine: () => MarketEngine): FeedHub {
  const updates = new Set<(update: MarketUpdate) => void>();
  const orders = new Set<(update: OrderUpdate) => void>();
  const fates = new Set<(fate: TradeFate) => void>();

  return {
    subscribe: (listener) => subscribe(updates, listener),
    subscribeOrders: (listener) => subscribe(orders, listener),
    subscribeFates: (listener) => subscribe(fates, listener),
    bookOf: (batch, levels) => engine().depthOf(batch, levels),
    seq: () => engine().seq,
    tell(effects) {
      for (const update of effects.updates) for (const listener of updates) listener(update);
      if (orders.size === 0) return;
      for (const update of orderUpdates(effects)) for (const listener of orders) listener(update);
    },
    tellFate(fate) {
      for (const listener of fates) listener(fate);
    },
  };
}

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** One for each trade of an order; one without, for an order that changed otherwise. */
function* orderUpdates({ seq, at, changed, trades }: Effects): IterableIterator<OrderUpdate> {
  const told = new Set<OrderRecord>();
  for (const trade of trades) {
    for (const record of sidesOf(trade)) {
      told.add(record);
      yield { seq, at, order: stateOf(record), trade: trade.id };
    }
  }
  for (const record of changed) if (!told.has(record)) yield { seq, at, order: stateOf(record), trade: null };
}

function sidesOf({ taker, maker }: EngineTrade): OrderRecord[] {
  return [taker, maker];
}

function stateOf({ order, number, filledTonnes, status, reason }: OrderRecord): OrderState {
  const { hash, account, participantId, batch, side, tonnes, price } = order;
  return {
    hash,
    number,
    account,
    participantId,
    batch,
    side,
    tonnes,
    filledTonnes,
    price,
    status,
    reason: reason as RemovalReason | null,
  };
}
