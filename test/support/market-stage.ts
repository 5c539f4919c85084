import { createExchangeCalls } from "../../src/chain/exchange-calls.js";
import { createInstruments } from "../../src/instruments/service.js";
import { instrumentRoutes } from "../../src/instruments/routes.js";
import type {
  BookDepth,
  MarketEvent,
  MarketFeed,
  MarketUpdate,
  OrderUpdate,
  TradeFate,
} from "../../src/market/ports.js";
import { marketDataRoutes } from "../../src/market-data/routes.js";
import { createMarketData } from "../../src/market-data/service.js";
import type { StreamSettings } from "../../src/http/stream.js";
import type { KeyHolder } from "../../src/principal.js";
import type { TestDatabase } from "./database.js";
import { serveRoutes } from "./http.js";

/** An instant by the clocks of Ho Chi Minh City. */
export const local = (text: string): number => Date.parse(`${text}+07:00`);

export const MORNING = local("2026-06-29T09:00:00");

const KEY: KeyHolder = { kind: "key", keyId: "k", scope: "participant", participantId: 1, role: null, account: null };

/** Tokens of the tests, and whom they stand for. */
const KEYS: Readonly<Record<string, KeyHolder>> = {
  firm1: KEY,
  firm2: { ...KEY, keyId: "k2", participantId: 2 },
  operator: { ...KEY, keyId: "op", scope: "role", participantId: null, role: "exchange-operator" },
  guardian: { ...KEY, keyId: "gu", scope: "role", participantId: null, role: "guardian" },
  compliance: { ...KEY, keyId: "co", scope: "role", participantId: null, role: "compliance-officer" },
  registrar: { ...KEY, keyId: "re", scope: "role", participantId: null, role: "registrar" },
};

export const bearer = (name: string): { authorization: string } => ({ authorization: `Bearer ${name}` });

/** The end of a trade in the book between the participants 1 (who bought) and 2. */
export function tradeFate(changes: Pick<TradeFate, "id" | "status"> & Partial<TradeFate>): TradeFate {
  return {
    batch: "A-1",
    mode: "book",
    takerHash: `0x${"a".repeat(64)}`,
    makerHash: `0x${"b".repeat(64)}`,
    aggressor: "buy",
    buyerParticipantId: 1,
    sellerParticipantId: 2,
    tonnes: 3n,
    price: 136_000n,
    buyerFee: null,
    sellerFee: null,
    txHash: null,
    blockNumber: null,
    problem: null,
    ...changes,
  };
}

/** A feed that says what the test tells it to, of markets whose books were empty in the beginning. */
export function fakeFeed() {
  const updates = new Set<(update: MarketUpdate) => void>();
  const orders = new Set<(update: OrderUpdate) => void>();
  const fates = new Set<(fate: TradeFate) => void>();
  const books = new Map<string, BookDepth>();
  let seq = 0;
  const join = <Listener>(listeners: Set<Listener>, listener: Listener): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const feed: MarketFeed = {
    subscribe: (listener) => join(updates, listener),
    subscribeOrders: (listener) => join(orders, listener),
    subscribeFates: (listener) => join(fates, listener),
    bookOf: (batch) => books.get(batch) ?? { seq: 0, bids: [], asks: [] },
    seq: () => seq,
  };
  return {
    feed,
    books,
    tell(batch: string, at: number, ...events: MarketEvent[]): void {
      seq++;
      for (const listener of updates) listener({ seq, batch, at, events });
    },
    tellOrder(update: OrderUpdate): void {
      for (const listener of orders) listener(update);
    },
    tellFate(fate: TradeFate): void {
      for (const listener of fates) listener(fate);
    },
  };
}

export interface TradeRow {
  readonly batch?: string;
  readonly price: bigint;
  readonly tonnes: bigint;
  readonly at: number;
  readonly mode?: "book" | "put-through" | "deal" | "auction";
  readonly status?: "matched" | "settled" | "failed";
}

export type MarketStage = Awaited<ReturnType<typeof startMarketStage>>;

/** Instruments and market data over HTTP, on a database of their own, with a feed and a clock that the test moves. */
export async function startMarketStage(database: TestDatabase, streams: StreamSettings = {}) {
  const { db } = database;
  const clock = { at: MORNING, now: (): number => clock.at };
  const source = fakeFeed();
  const sessions: string[] = [];
  const accepted: object[] = [];
  const instruments = createInstruments({
    db,
    institution: {
      async act(_asker, act) {
        accepted.push(act);
        return "operation";
      },
    },
    calls: createExchangeCalls({
      AccessManager: "0x0000000000000000000000000000000000000002",
      Exchange: "0x0000000000000000000000000000000000000001",
    }),
    clock,
    currency: "VND",
  });
  await instruments.load();
  instruments.follow(source.feed);
  const data = createMarketData({
    db,
    instruments,
    feed: source.feed,
    sessions: {
      open: (session, participantId) => void sessions.push(`open ${participantId} ${session}`),
      close: (session) => void sessions.push(`close ${session}`),
    },
    clock,
    ready: async () => undefined,
  });
  const operations = {
    findByKey: async () => undefined,
    get: async () => undefined,
    asAccepted: () => undefined,
    wait: async () => undefined,
  };
  const server = await serveRoutes([...marketDataRoutes(data), ...instrumentRoutes(instruments, operations)], {
    streams,
    findKey: async (token) => KEYS[token],
  });
  let trades = 0;

  return {
    ...server,
    ...source,
    db,
    clock,
    instruments,
    sessions,
    accepted,

    /** On the chain, as the projector would have it. */
    async list(batch: string): Promise<void> {
      await db
        .insertInto("instruments")
        .values({ batch_code: batch, kind: "credit", listed_block: 1n, tx_hash: `0x${"1".repeat(64)}` })
        .execute();
      await instruments.load();
    },

    define: (batch: string, change: object = {}) =>
      server.post(
        `/v1/instruments/${batch}/definition`,
        { tick: "100", bandBasisPoints: 1_000, referencePrice: "136000", calendar: "vietnam", ...change },
        bearer("operator"),
      ),

    /** @returns the trade's id */
    async trade({ batch = "A-1", price, tonnes, at, mode = "book", status = "settled" }: TradeRow): Promise<string> {
      const id = `0x${(++trades).toString(16).padStart(64, "0")}`;
      const address = "0x0000000000000000000000000000000000000001";
      await db
        .insertInto("trades")
        .values({
          id,
          batch_code: batch,
          mode,
          taker_hash: `0x${"a".repeat(64)}`,
          maker_hash: `0x${"b".repeat(64)}`,
          buyer: address,
          seller: address,
          buyer_participant_id: 1,
          seller_participant_id: 2,
          tonnes,
          price,
          aggressor: "buy",
          buyer_maximum_fee: 0,
          seller_maximum_fee: 0,
          matched_at: new Date(at),
          status,
          buyer_fee: null,
          seller_fee: null,
          tx_hash: null,
          block_number: null,
          problem: null,
        })
        .execute();
      return id;
    },
  };
}
