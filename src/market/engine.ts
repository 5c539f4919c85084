import { createBook, restoreBook } from "../matching/book.js";
import type { Book, BookSnapshot, CancelReason, Command, HostReason, MatchEvent } from "../matching/types.js";
import type { AcceptedOrder, MarketCommand, OrderFilter } from "./commands.js";
import { tradeIdOf } from "./money.js";
import type { AgreedTrade, BookDepth, MarketEvent, MarketUpdate, OrderStatus, RemovalReason } from "./ports.js";

/** Why the core did not take an order that the host had accepted. */
export type EngineReason = RemovalReason | "book-full" | "select-refused" | "replaced-order-changed";

/** An order as the log left it. */
export interface OrderRecord {
  readonly order: AcceptedOrder;
  /** Number of its command. */
  readonly number: number;
  readonly createdAt: number;
  filledTonnes: number;
  /** On a board, or on its way to one. */
  status: OrderStatus;
  reason: EngineReason | null;
  updatedAt: number;
}

/** A trade between two orders, and the records of both. */
export interface EngineTrade extends AgreedTrade {
  readonly taker: OrderRecord;
  readonly maker: OrderRecord;
}

/** What one command did. */
export interface Effects {
  readonly seq: number;
  readonly at: number;
  /** Every record that changed, once. */
  readonly changed: ReadonlySet<OrderRecord>;
  readonly trades: readonly EngineTrade[];
  readonly updates: readonly MarketUpdate[];
  /** Of the order that the command brought. */
  readonly placed: OrderRecord | null;
  /** Why a selection was not taken, in the core's words. */
  readonly rejection: string | null;
}

/** The state after a command. Orders are named; what they say is in the database. */
export interface EngineState {
  readonly version: 1;
  readonly seq: number;
  readonly books: Readonly<Record<string, BookSnapshot>>;
  /** Of every order on a board: its number, its hash. */
  readonly orders: readonly (readonly [number, string])[];
}

const DEPTH_ALL = 2 ** 24;

const REASONS: Readonly<Record<CancelReason, EngineReason>> = {
  requested: "cancelled",
  expired: "expired",
  suspended: "participant-suspended",
  unfunded: "funds-withdrawn",
  immediate: "immediate-remainder",
  "fill-or-kill": "minimum-not-available",
  "minimum-not-reached": "minimum-not-available",
  "post-only": "would-trade",
  "self-trade": "self-trade",
  "book-full": "book-full",
};

/** What the core is told about a cancellation; the record keeps the host's own word. */
const HOST_REASON: HostReason = "requested";

/**
 * All markets as a function of the log: commands in, effects out. It asks nobody, waits for nothing and forgets an order once nothing can
 * happen to it any more.
 */
export class MarketEngine {
  readonly #books = new Map<string, Book>();
  readonly #byNumber = new Map<number, OrderRecord>();
  readonly #byHash = new Map<string, OrderRecord>();
  readonly #byAccount = new Map<string, Set<OrderRecord>>();
  #seq = 0;

  /** Number of the last command. */
  get seq(): number {
    return this.#seq;
  }

  /** How many orders stand on the boards. */
  get openOrders(): number {
    return this.#byNumber.size;
  }

  open(number: number): OrderRecord | undefined {
    return this.#byNumber.get(number);
  }

  openByHash(hash: string): OrderRecord | undefined {
    return this.#byHash.get(hash);
  }

  *openOf(account: string): IterableIterator<OrderRecord> {
    yield* this.#byAccount.get(account) ?? [];
  }

  accounts(): IterableIterator<string> {
    return this.#byAccount.keys();
  }

  records(): IterableIterator<OrderRecord> {
    return this.#byNumber.values();
  }

  depthOf(batch: string, levels = DEPTH_ALL): BookDepth {
    const { bids, asks } = this.#books.get(batch)?.depth(levels) ?? { bids: [], asks: [] };
    return { seq: this.#seq, bids, asks };
  }

  /** Commands are numbered without gaps. */
  apply(seq: number, at: number, command: MarketCommand): Effects {
    if (seq !== this.#seq + 1) throw new RangeError(`Command ${seq} does not follow ${this.#seq}`);
    this.#seq = seq;
    const work = new Work(seq, at);
    switch (command.kind) {
      case "order":
        this.#place(work, command.order);
        break;
      case "replace":
        this.#replace(work, command.number, command.filledTonnes, command.order);
        break;
      case "cancel":
        this.#cancel(work, this.#byNumber.get(command.number), command.reason);
        break;
      case "cancel-all":
        for (const record of [...this.#matching(command.filter)]) this.#cancel(work, record, command.reason);
        break;
    }
    return work;
  }

  state(): EngineState {
    const books: Record<string, BookSnapshot> = {};
    for (const [batch, book] of this.#books) if (book.orderCount > 0) books[batch] = book.snapshot();
    const orders = [...this.#byNumber.values()].map(({ number, order }) => [number, order.hash] as const);
    return { version: 1, seq: this.#seq, books, orders };
  }

  /** The engine that `state` was taken of. @param orders What was accepted under each hash of the state. */
  static restore(
    state: EngineState,
    orders: ReadonlyMap<string, { readonly order: AcceptedOrder; readonly createdAt: number }>,
  ): MarketEngine {
    const engine = new MarketEngine();
    engine.#seq = state.seq;
    const tonnesLeft = new Map<number, number>();
    for (const [batch, snapshot] of Object.entries(state.books)) {
      engine.#books.set(batch, restoreBook(snapshot));
      for (const standing of snapshot.orders) tonnesLeft.set(standing.id, standing.tonnes);
    }
    // In the order in which they came: that of what a mass cancellation does.
    for (const [number, hash] of state.orders) {
      const known = orders.get(hash);
      const left = tonnesLeft.get(number);
      if (known === undefined || left === undefined)
        throw new RangeError(`The order ${number} of the snapshot is not known`);
      const { order, createdAt } = known;
      const filledTonnes = order.tonnes - left;
      engine.#add({ ...newRecord(order, number, createdAt), filledTonnes });
    }
    return engine;
  }

  #place(work: Work, order: AcceptedOrder): void {
    const { seq: number, at } = work;
    const record = newRecord(order, number, at);
    work.placed = record;
    work.changed.add(record);
    this.#add(record);
    let book = this.#books.get(order.batch);
    if (book === undefined) this.#books.set(order.batch, (book = createBook()));
    book.apply(coreCommand(number, order), (event) => this.#take(work, order.batch, event, null));
  }

  /** In one step: the old order leaves and the new one enters, or nothing happens but that the new one is refused. */
  #replace(work: Work, number: number, filledTonnes: number, order: AcceptedOrder): void {
    const old = this.#byNumber.get(number);
    if (old?.filledTonnes === filledTonnes) {
      this.#cancel(work, old, "replaced");
      this.#place(work, order);
      return;
    }
    const { seq, at } = work;
    const refused = { status: "rejected", reason: "replaced-order-changed" } as const;
    const record: OrderRecord = { ...newRecord(order, seq, at), ...refused };
    work.placed = record;
    work.changed.add(record);
  }

  #cancel(work: Work, record: OrderRecord | undefined, reason: RemovalReason): void {
    if (record === undefined) return;
    const { batch } = record.order;
    const command: Command = { kind: "cancel", id: record.number, reason: HOST_REASON };
    this.#books.get(batch)?.apply(command, (event) => this.#take(work, batch, event, reason));
  }

  #matching(filter: OrderFilter): Iterable<OrderRecord> {
    const { account, participantId, batch, side, session, beforeNonce } = filter;
    const candidates = account === undefined ? this.#byNumber.values() : (this.#byAccount.get(account) ?? []);
    return [...candidates].filter(
      ({ order }) =>
        (participantId === undefined || order.participantId === participantId) &&
        (batch === undefined || order.batch === batch) &&
        (side === undefined || order.side === side) &&
        (session === undefined || order.session === session) &&
        (beforeNonce === undefined || order.nonce < beforeNonce),
    );
  }

  /** @param asked Why the host took orders off, when it did. */
  #take(work: Work, batch: string, event: MatchEvent, asked: RemovalReason | null): void {
    switch (event.kind) {
      case "accepted":
        break;
      case "traded":
        this.#trade(work, batch, event);
        break;
      case "rested": {
        const { order } = this.#record(event.id);
        if (event.board === "put-through") break;
        work.tell(batch, {
          type: "opened",
          order: order.hash,
          side: event.side,
          price: event.price,
          tonnes: event.tonnes,
        });
        break;
      }
      case "cancelled": {
        const record = this.#record(event.id);
        const reason = asked !== null && event.reason === HOST_REASON ? asked : REASONS[event.reason];
        this.#end(work, record, reason === "expired" ? "expired" : "cancelled", reason);
        if (event.board !== "book") break;
        const { side, price, tonnes } = event;
        work.tell(batch, {
          type: "removed",
          order: record.order.hash,
          side,
          price,
          tonnes,
          reason: publicReason(reason),
        });
        break;
      }
      case "rejected": {
        const record = this.#byNumber.get(event.id);
        if (record === undefined || record !== work.placed) break;
        work.rejection = event.reason;
        this.#end(work, record, "rejected", "select-refused");
        break;
      }
    }
  }

  #trade(work: Work, batch: string, event: Extract<MatchEvent, { kind: "traded" }>): void {
    const taker = this.#record(event.taker);
    const maker = this.#record(event.maker);
    const [buy, sell] = event.side === "buy" ? [taker, maker] : [maker, taker];
    const mode = event.board === "book" ? "book" : "put-through";
    const { tonnes, price } = event;
    const trade: EngineTrade = {
      id: tradeIdOf(taker.order.hash, maker.order.hash),
      batch,
      mode,
      takerHash: taker.order.hash,
      makerHash: maker.order.hash,
      buyer: buy.order.account,
      seller: sell.order.account,
      buyerParticipantId: buy.order.participantId,
      sellerParticipantId: sell.order.participantId,
      tonnes,
      price,
      aggressor: event.side,
      buyerMaximumFee: buy.order.maximumFee,
      sellerMaximumFee: sell.order.maximumFee,
      matchedAt: work.at,
      taker,
      maker,
    };
    work.trades.push(trade);
    work.tell(batch, {
      type: "traded",
      trade: trade.id,
      taker: trade.takerHash,
      maker: trade.makerHash,
      aggressor: event.side,
      price,
      tonnes,
      makerLeft: event.makerLeft,
      mode,
    });
    for (const record of [taker, maker]) {
      record.filledTonnes += tonnes;
      record.updatedAt = work.at;
      work.changed.add(record);
      if (record.filledTonnes === record.order.tonnes) this.#end(work, record, "filled", null);
    }
  }

  #record(number: number): OrderRecord {
    const record = this.#byNumber.get(number);
    if (record === undefined) throw new RangeError(`The core names an order ${number} that is not open`);
    return record;
  }

  #add(record: OrderRecord): void {
    this.#byNumber.set(record.number, record);
    this.#byHash.set(record.order.hash, record);
    const { account } = record.order;
    const own = this.#byAccount.get(account);
    if (own === undefined) this.#byAccount.set(account, new Set([record]));
    else own.add(record);
  }

  #end(work: Work, record: OrderRecord, status: OrderStatus, reason: EngineReason | null): void {
    record.status = status;
    record.reason = reason;
    record.updatedAt = work.at;
    work.changed.add(record);
    this.#byNumber.delete(record.number);
    this.#byHash.delete(record.order.hash);
    const { account } = record.order;
    const own = this.#byAccount.get(account);
    own?.delete(record);
    if (own?.size === 0) this.#byAccount.delete(account);
  }
}

/** The effects of a command while they come about. */
class Work implements Effects {
  readonly seq: number;
  readonly at: number;
  readonly changed = new Set<OrderRecord>();
  readonly trades: EngineTrade[] = [];
  readonly updates: { seq: number; batch: string; at: number; events: MarketEvent[] }[] = [];
  placed: OrderRecord | null = null;
  rejection: string | null = null;

  constructor(seq: number, at: number) {
    this.seq = seq;
    this.at = at;
  }

  tell(batch: string, event: MarketEvent): void {
    const update = this.updates.find((known) => known.batch === batch);
    if (update === undefined) this.updates.push({ seq: this.seq, batch, at: this.at, events: [event] });
    else update.events.push(event);
  }
}

function newRecord(order: AcceptedOrder, number: number, at: number): OrderRecord {
  return { order, number, createdAt: at, filledTonnes: 0, status: "open", reason: null, updatedAt: at };
}

function coreCommand(id: number, order: AcceptedOrder): Command {
  const { participantId: owner, side, price, tonnes, minimumTonnes } = order;
  if (order.selects !== null) return { kind: "select", id, owner, target: order.selects, side, price, tonnes };
  if (order.mode === "put-through") return { kind: "offer", id, owner, side, price, tonnes, minimumTonnes };
  return {
    kind: "place",
    id,
    owner,
    type: order.type,
    side,
    price,
    tonnes,
    minimumTonnes,
    timeInForce: order.timeInForce,
    postOnly: order.postOnly,
    selfTradePrevention: order.selfTrade,
  };
}

/** Those in the feed are orders that stood in the book: the reasons of orders that never did cannot be theirs. */
function publicReason(reason: EngineReason): RemovalReason {
  return reason === "book-full" || reason === "select-refused" || reason === "replaced-order-changed"
    ? "cancelled"
    : reason;
}
