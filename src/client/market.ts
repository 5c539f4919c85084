import { collection, orDoneBefore, paged, read, segment, write, type Collection } from "./calls.js";
import { followStream, type StreamOptions } from "./event-stream.js";
import type {
  AuctionTimes,
  DefineMarket,
  ManagedAuction,
  ManagedBid,
  ManagedDealReport,
  ManagedOrder,
  SignedDealReport,
  SignedOrder,
  SignedOrderOnly,
  WithdrawalInput,
} from "./market-requests.js";
import { cashCalls } from "./cash.js";
import type { Auction, AuctionTranscript, Bid } from "./auction-types.js";
import type { DealStatus, PutThroughOrder, ReportedDeal } from "./deal-types.js";
import type { Order, OrderStatus, OrderVerdict, OwnStreamEvent, OwnTrade } from "./order-types.js";
import type { Position, Reservation, Withdrawal, WithdrawalStatus } from "./position-types.js";
import type * as m from "./market-types.js";
import { createOrderNonces, type OrderNonces } from "./order-nonces.js";
import { randomNonce } from "./random.js";
import type { ReadOptions, SignedBody, WriteOptions } from "./requests.js";
import type { Transport, TransportOptions } from "./transport.js";
import type { Address, Day, Hash } from "./types.js";

type Owner = { readonly account?: Address; readonly participantId?: number };

/** Everything about trading and money, as functions. */
export function marketCalls(send: Transport, options: TransportOptions) {
  const nonces = createOrderNonces((account, batch) => read(send, "/v1/orders/next-nonce", { account, batch }));
  return {
    instruments: instruments(send, options),
    market: {
      /** A day of all markets, as published at close; today when left out. */
      daily: (date?: Day) => read<m.MarketDay>(send, "/v1/market/daily", { date }),
      volume: (range: { from: Day; to: Day; batch?: string }) => read<m.Volume>(send, "/v1/market/volume", range),
    },
    putThroughOrders: collection<PutThroughOrder, { batch?: string; side?: m.Side; participantId?: number }>(
      send,
      "/v1/put-through-orders",
    ),
    orders: orders(send, options, nonces),
    deals: deals(send),
    auctions: auctions(send, nonces),
    positions: positions(send),
    withdrawals: {
      ...collection<Withdrawal, Owner & { batch?: string; status?: WithdrawalStatus }>(send, "/v1/withdrawals"),
      create: (body: WithdrawalInput | SignedBody, o?: WriteOptions) => write(send, "/v1/withdrawals", body, o),
    },
    cash: cashCalls(send),
  };
}

function instruments(send: Transport, options: TransportOptions) {
  const path = "/v1/instruments";
  const at = (batch: string): string => `${path}/${segment(batch)}`;
  type TradeFilter = { status?: m.TradeStatus; mode?: m.TradeMode };
  const trades = (batch: string) =>
    paged<m.PublicTrade, TradeFilter>((filter) => read(send, `${at(batch)}/trades`, filter));
  const decisions = (batch: string) =>
    paged<m.MarketDecision, object>((filter) => read(send, `${at(batch)}/decisions`, filter));
  /** A decision of these is refused when it is in force already. */
  const decide = (batch: string, act: "halt" | "resume", state: "halted" | "open", reason: string) =>
    orDoneBefore(
      () => post<m.Instrument>(send, `${at(batch)}/${act}`, { reason }),
      ["market-state-unchanged"],
      () => read<m.Instrument>(send, at(batch)),
      ({ market }) => market?.state === state && market.stateReason === reason,
    );
  return {
    ...collection<m.Instrument>(send, path),
    /** Makes a batch tradable, on the chain and for ever. */
    create: (batch: string, kind: m.InstrumentKind, o?: WriteOptions) => write(send, path, { batch, kind }, o),
    /** Not repeated when its answer is lost: each one is written down as a decision. Look with `get`. */
    define: (batch: string, body: DefineMarket) => post<m.Instrument>(send, `${at(batch)}/definition`, body, false),
    halt: (batch: string, reason: string) => decide(batch, "halt", "halted", reason),
    resume: (batch: string, reason: string) => decide(batch, "resume", "open", reason),
    /** One page, the latest first. */
    decisions: (batch: string, filter?: ReadOptions) => decisions(batch).list(filter),
    allDecisions: (batch: string) => decisions(batch).all(),
    book: (batch: string, levels?: number) => read<m.Book>(send, `${at(batch)}/book`, { levels }),
    /** One page, the latest first. */
    trades: (batch: string, filter?: TradeFilter & ReadOptions) => trades(batch).list(filter),
    allTrades: (batch: string, filter?: TradeFilter & ReadOptions) => trades(batch).all(filter),
    candles: (batch: string, interval: m.Interval, range: { from?: string; to?: string } = {}) =>
      read<m.Candles>(send, `${at(batch)}/candles`, { interval, ...range }),
    daily: (batch: string, range: { from?: Day; to?: Day } = {}) =>
      read<{ readonly items: readonly m.DailySummary[] }>(send, `${at(batch)}/daily`, range),
    /** The market, live, for as long as it is read; connections that are lost are made again. See `followStream`. */
    stream: (batch: string, stream?: StreamOptions) =>
      followStream<m.MarketStreamEvent>(options, `${at(batch)}/stream`, {}, stream),
  };
}

function orders(send: Transport, options: TransportOptions, nonces: OrderNonces) {
  const path = "/v1/orders";
  const at = (id: Hash): string => `${path}/${segment(id)}`;
  type Filters = { account?: Address; batch?: string; side?: m.Side; status?: OrderStatus; mode?: Order["mode"] };
  type TradeFilters = { batch?: string; order?: Hash; status?: m.TradeStatus };
  const trades = paged<OwnTrade, TradeFilters>((filter) => read(send, "/v1/trades/mine", filter));
  const { get, list, all } = collection<Order, Filters>(send, path);

  /** Of a managed account that is named, the order gets its nonce here: so it can be repeated. */
  function sending(path: string, given: SignedOrder | ManagedOrder): Promise<Order> {
    const body = managedBody(given);
    if (isRepeatable(body) || !("account" in body)) return post<Order>(send, path, body, isRepeatable(body));
    return nonces.use(body.account, body.batch, (nonce) => post<Order>(send, path, { ...body, nonce }));
  }

  return {
    get,
    list,
    all,
    /**
     * The answer is the order as it stands after matching. A signed order is the same one however often it is sent; so is one of a
     * managed account when `account` is given. Without, it is not repeated when its answer is lost.
     */
    place: (body: SignedOrder | ManagedOrder) => sending(path, body),
    /** Up to a hundred signed orders; each is judged by itself. */
    placeMany: (orders: readonly SignedOrder[]) =>
      post<{ readonly items: readonly OrderVerdict[] }>(send, path, { orders }),
    /** In one step: the new order enters and the old one leaves, or neither. */
    replace: (id: Hash, body: SignedOrder | ManagedOrder) => sending(`${at(id)}/replacement`, body),
    /** With a signed `order-cancellation`, on the chain, too. */
    cancel: (id: Hash, signed?: SignedBody) =>
      orDoneBefore(
        () => erase<Order>(send, at(id), signed),
        ["order-not-open"],
        () => get(id),
        ({ status }) => status === "cancelled",
      ),
    /**
     * Own orders: all, of a batch, a side, an account; or, signed, all with a lower nonce. Only the signed one is repeated when its answer
     * is lost: the other would take away what was placed meanwhile, too.
     */
    cancelAll: (filter: { account?: Address; batch?: string; side?: m.Side } = {}, signed?: SignedBody) =>
      send<{ readonly cancelled: number }>({
        method: "DELETE",
        path,
        query: filter,
        ...(signed === undefined ? {} : { body: signed }),
        repeatable: signed !== undefined,
      }),
    nextNonce: (account: Address, batch: string) =>
      read<{ readonly nonce: string }>(send, `${path}/next-nonce`, { account, batch }),
    /** Own trades, the latest first: one page. */
    trades: trades.list,
    allTrades: trades.all,
    /**
     * Own orders, live. With `cancelOnDisconnect`, each `ready` brings the `session` that orders name which shall not outlive the
     * connection.
     */
    stream: ({ cancelOnDisconnect, ...stream }: StreamOptions & { cancelOnDisconnect?: boolean } = {}) =>
      followStream<OwnStreamEvent>(options, `${path}/stream`, { cancelOnDisconnect }, stream),
  };
}

function deals(send: Transport) {
  const path = "/v1/deals";
  const at = (id: Hash): string => `${path}/${segment(id)}`;
  const reads = collection<ReportedDeal, { status?: DealStatus; batch?: string; account?: Address }>(send, path);
  const orDone = (id: Hash, act: () => Promise<ReportedDeal>, ends: readonly ReportedDeal["status"][]) =>
    orDoneBefore(
      act,
      ["deal-not-open"],
      () => reads.get(id),
      ({ status }) => ends.includes(status),
    );
  return {
    ...reads,
    report: (body: SignedDealReport | ManagedDealReport) =>
      post<ReportedDeal>(send, path, isRepeatable(body) ? body : { ...body, nonce: randomNonce() }),
    confirm: (id: Hash, body: { readonly signature: string } | { readonly account?: Address } = {}) =>
      orDone(id, () => post<ReportedDeal>(send, `${at(id)}/confirmation`, body), ["confirmed", "settled", "failed"]),
    cancel: (id: Hash) => orDone(id, () => erase<ReportedDeal>(send, at(id)), ["cancelled"]),
  };
}

function auctions(send: Transport, nonces: OrderNonces) {
  const path = "/v1/auctions";
  const at = (id: Hash): string => `${path}/${segment(id)}`;
  type Announced = (SignedOrderOnly & AuctionTimes) | ManagedAuction;
  /** `open`: not ended yet. */
  type Filters = { status?: "open" | "cleared" | "void" | "cancelled"; batch?: string; participantId?: number };
  const reads = collection<Auction, Filters>(send, path);

  /** With a nonce for a managed account that is named, so that it can be repeated. */
  function sending<Answer>(
    path: string,
    body: Announced | SignedOrderOnly | ManagedBid,
    batchOf: () => Promise<string>,
  ) {
    if (isRepeatable(body) || !("account" in body)) return post<Answer>(send, path, body, isRepeatable(body));
    const { account } = body;
    return batchOf().then((batch) =>
      nonces.use(account, batch, (nonce) => post<Answer>(send, path, { ...body, nonce })),
    );
  }

  return {
    ...reads,
    announce: (body: Announced) =>
      sending<Auction>(path, body, async () => ("batch" in body ? body.batch : body.order.batch)),
    close: (id: Hash) => post<Auction>(send, `${at(id)}/close`, {}),
    cancel: (id: Hash) => erase<Auction>(send, at(id)),
    bid: (id: Hash, body: SignedOrderOnly | ManagedBid) =>
      sending<Bid>(`${at(id)}/bids`, body, async () => (await reads.get(id)).batch),
    /** Own bids. */
    bids: (id: Hash): Collection<Bid, object> => collection<Bid>(send, `${at(id)}/bids`),
    cancelBid: (id: Hash, bid: Hash) => erase<Bid>(send, `${at(id)}/bids/${segment(bid)}`),
    transcript: (id: Hash) => read<AuctionTranscript>(send, `${at(id)}/transcript`),
  };
}

function positions(send: Transport) {
  type Filters = Owner & { batch?: string };
  const { list, all } = collection<Position, Filters>(send, "/v1/positions");
  return {
    list,
    all,
    reservations: (account: Address) =>
      read<{ readonly items: readonly Reservation[] }>(send, "/v1/reservations", { account }),
    /** Moves the position of a lost account to its successor. `batch` null: cash. */
    recover: (lost: Address, batch: string | null, o?: WriteOptions) =>
      write(send, `/v1/accounts/${segment(lost)}/position-recovery`, { batch }, o),
  };
}

/** What the service refuses to guess of an order that it is to sign. */
function managedBody(body: SignedOrder | ManagedOrder): SignedOrder | ManagedOrder {
  if ("order" in body) return body;
  return {
    ...body,
    maximumFeeBasisPoints: body.maximumFeeBasisPoints ?? "0",
    expiresAt: body.expiresAt ?? dayFromNow(),
  };
}

/** What is signed, or has a nonce, is the same however often it is sent. */
function isRepeatable(body: object): boolean {
  return "signature" in body || "nonce" in body;
}

/** Unix time in seconds, a day from now. */
export function dayFromNow(): bigint {
  return BigInt(Math.floor(Date.now() / 1000) + 86_400);
}

function post<Answer>(send: Transport, path: string, body: unknown, repeatable = true): Promise<Answer> {
  return send<Answer>({ method: "POST", path, body, repeatable });
}

function erase<Answer>(send: Transport, path: string, body?: unknown): Promise<Answer> {
  return send<Answer>({ method: "DELETE", path, ...(body === undefined ? {} : { body }), repeatable: true });
}
