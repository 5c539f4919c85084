import { collection, pages, read, remove, segment, write, type Collection } from "./calls.js";
import { followStream, type StreamOptions } from "./event-stream.js";
import type {
  AuctionTimes,
  CashTransferInput,
  DefineMarket,
  DepositInput,
  ManagedAuction,
  ManagedBid,
  ManagedDealReport,
  ManagedOrder,
  SignedDealReport,
  SignedOrder,
  SignedOrderOnly,
  WithdrawalInput,
} from "./market-requests.js";
import type * as c from "./cash-types.js";
import type * as m from "./market-types.js";
import type { ReadOptions, SignedBody, WriteOptions } from "./requests.js";
import type { Query, Transport, TransportOptions } from "./transport.js";
import type { Address, Day, Hash, Page, Quantity } from "./types.js";

type Owner = { readonly account?: Address; readonly participantId?: number };

/** Everything about trading and money, as functions. */
export function marketCalls(send: Transport, options: TransportOptions) {
  return {
    instruments: instruments(send, options),
    market: {
      /** A day of all markets, as published at close; today when left out. */
      daily: (date?: Day) => read<m.MarketDay>(send, "/v1/market/daily", { date }),
      volume: (range: { from: Day; to: Day; batch?: string }) => read<m.Volume>(send, "/v1/market/volume", range),
    },
    putThroughOrders: collection<m.PutThroughOrder, { batch?: string; side?: m.Side; participantId?: number }>(
      send,
      "/v1/put-through-orders",
    ),
    orders: orders(send, options),
    deals: deals(send),
    auctions: auctions(send),
    positions: positions(send),
    withdrawals: {
      ...collection<m.Withdrawal, Owner & { batch?: string; status?: string }>(send, "/v1/withdrawals"),
      create: (body: WithdrawalInput | SignedBody, o?: WriteOptions) => write(send, "/v1/withdrawals", body, o),
    },
    cash: cash(send),
  };
}

function instruments(send: Transport, options: TransportOptions) {
  const path = "/v1/instruments";
  const at = (batch: string): string => `${path}/${segment(batch)}`;
  type TradeFilter = { status?: m.TradeStatus; mode?: m.TradeMode };
  const trades = (batch: string, filter?: TradeFilter & ReadOptions) =>
    read<Page<m.PublicTrade>>(send, `${at(batch)}/trades`, filter);
  return {
    ...collection<m.Instrument>(send, path),
    /** Makes a batch tradable, on the chain and for ever. */
    create: (batch: string, kind: m.InstrumentKind, o?: WriteOptions) => write(send, path, { batch, kind }, o),
    define: (batch: string, body: DefineMarket) => post<m.Instrument>(send, `${at(batch)}/definition`, body),
    halt: (batch: string, reason: string) => post<m.Instrument>(send, `${at(batch)}/halt`, { reason }),
    resume: (batch: string, reason: string) => post<m.Instrument>(send, `${at(batch)}/resume`, { reason }),
    decisions: (batch: string, filter?: ReadOptions) =>
      read<Page<m.MarketDecision>>(send, `${at(batch)}/decisions`, filter),
    book: (batch: string, levels?: number) => read<m.Book>(send, `${at(batch)}/book`, { levels }),
    /** One page, the latest first. */
    trades,
    allTrades: (batch: string, filter?: TradeFilter & ReadOptions) =>
      pages(
        (page?: TradeFilter & Query & ReadOptions) => trades(batch, page),
        filter as TradeFilter & Query & ReadOptions,
      ),
    candles: (batch: string, interval: m.Interval, range: { from?: string; to?: string } = {}) =>
      read<m.Candles>(send, `${at(batch)}/candles`, { interval, ...range }),
    daily: (batch: string, range: { from?: Day; to?: Day } = {}) =>
      read<{ readonly items: readonly m.DailySummary[] }>(send, `${at(batch)}/daily`, range),
    /** The market, live, for as long as it is read; connections that are lost are made again. See `followStream`. */
    stream: (batch: string, stream?: StreamOptions) =>
      followStream<m.MarketStreamEvent>(options, `${at(batch)}/stream`, {}, stream),
  };
}

function orders(send: Transport, options: TransportOptions) {
  const path = "/v1/orders";
  const at = (id: Hash): string => `${path}/${segment(id)}`;
  type Filters = Owner & { batch?: string; side?: m.Side; status?: m.OrderStatus; mode?: string };
  return {
    ...collection<m.Order, Filters>(send, path),
    /** The answer is the order as it stands after matching. A signed order is the same one however often it is sent. */
    place: (body: SignedOrder | ManagedOrder) =>
      send<m.Order>({ method: "POST", path, body: managedBody(body), repeatable: isRepeatable(body) }),
    /** Up to a hundred signed orders; each is judged by itself. */
    placeMany: (orders: readonly SignedOrder[]) =>
      post<{ readonly items: readonly m.OrderVerdict[] }>(send, path, { orders }),
    /** In one step: the new order enters and the old one leaves, or neither. */
    replace: (id: Hash, body: SignedOrder | ManagedOrder) =>
      send<m.Order>({
        method: "POST",
        path: `${at(id)}/replacement`,
        body: managedBody(body),
        repeatable: isRepeatable(body),
      }),
    /** With a signed `order-cancellation`, on the chain, too. */
    cancel: (id: Hash, signed?: SignedBody) => erase<m.Order>(send, at(id), signed),
    /** Own orders: all, of a batch, a side, an account; or, signed, all with a lower nonce. */
    cancelAll: (filter: { account?: Address; batch?: string; side?: m.Side } = {}, signed?: SignedBody) =>
      send<{ readonly cancelled: number }>({
        method: "DELETE",
        path,
        query: filter,
        ...(signed === undefined ? {} : { body: signed }),
        repeatable: true,
      }),
    nextNonce: (account: Address, batch: string) =>
      read<{ readonly nonce: string }>(send, `${path}/next-nonce`, { account, batch }),
    /** Own trades, the latest first. */
    trades: (filter?: { batch?: string; order?: Hash; status?: m.TradeStatus } & ReadOptions) =>
      read<Page<m.OwnTrade>>(send, "/v1/trades/mine", filter),
    /**
     * Own orders, live. With `cancelOnDisconnect`, each `ready` brings the `session` that orders name which shall not outlive the
     * connection.
     */
    stream: ({ cancelOnDisconnect, ...stream }: StreamOptions & { cancelOnDisconnect?: boolean } = {}) =>
      followStream<m.OwnStreamEvent>(options, `${path}/stream`, { cancelOnDisconnect }, stream),
  };
}

function deals(send: Transport) {
  const path = "/v1/deals";
  const at = (id: Hash): string => `${path}/${segment(id)}`;
  return {
    ...collection<m.ReportedDeal, { status?: string; batch?: string; account?: Address }>(send, path),
    report: (body: SignedDealReport | ManagedDealReport) => post<m.ReportedDeal>(send, path, body, isRepeatable(body)),
    confirm: (id: Hash, body: { readonly signature: string } | { readonly account?: Address } = {}) =>
      post<m.ReportedDeal>(send, `${at(id)}/confirmation`, body),
    cancel: (id: Hash) => erase<m.ReportedDeal>(send, at(id)),
  };
}

function auctions(send: Transport) {
  const path = "/v1/auctions";
  const at = (id: Hash): string => `${path}/${segment(id)}`;
  type Announced = (SignedOrderOnly & AuctionTimes) | ManagedAuction;
  return {
    ...collection<m.Auction, { status?: string; batch?: string; participantId?: number }>(send, path),
    announce: (body: Announced) => post<m.Auction>(send, path, body, isRepeatable(body)),
    close: (id: Hash) => post<m.Auction>(send, `${at(id)}/close`, {}),
    cancel: (id: Hash) => erase<m.Auction>(send, at(id)),
    bid: (id: Hash, body: SignedOrderOnly | ManagedBid) =>
      post<m.Bid>(send, `${at(id)}/bids`, body, isRepeatable(body)),
    /** Own bids. */
    bids: (id: Hash): Collection<m.Bid, Query> => collection<m.Bid>(send, `${at(id)}/bids`),
    cancelBid: (id: Hash, bid: Hash) => erase<m.Bid>(send, `${at(id)}/bids/${segment(bid)}`),
    transcript: (id: Hash) => read<m.AuctionTranscript>(send, `${at(id)}/transcript`),
  };
}

function positions(send: Transport) {
  type Filters = Owner & { batch?: string };
  const { list, all } = collection<m.Position, Filters>(send, "/v1/positions");
  return {
    list,
    all,
    reservations: (account: Address) =>
      read<{ readonly items: readonly m.Reservation[] }>(send, "/v1/reservations", { account }),
    /** Moves the position of a lost account to its successor. `batch` null: cash. */
    recover: (lost: Address, batch: string | null, o?: WriteOptions) =>
      write(send, `/v1/accounts/${segment(lost)}/position-recovery`, { batch }, o),
  };
}

function cash(send: Transport) {
  const balances = collection<c.CashBalance, Owner>(send, "/v1/cash/balances");
  const deposit = (reference: string): string => `/v1/cash/deposits/${segment(reference)}`;
  const redemption = (id: string): string => `/v1/cash/redemptions/${segment(id)}`;
  return {
    get: () => read<c.Currency>(send, "/v1/cash"),
    balances: { list: balances.list, all: balances.all },
    /** Opening balance, movements and closing balance of the days from `from` to `to`. */
    statement: (query: { account: Address; from: Day; to: Day; place?: "account" | "exchange"; minBlock?: number }) =>
      read<c.CashStatement>(send, "/v1/cash/statement", query),
    deposits: {
      ...collection<c.CashDeposit, Owner & { status?: string }>(send, "/v1/cash/deposits"),
      /** Makes the money, or, above the limit for one officer, proposes it. */
      create: (body: DepositInput, o?: WriteOptions) => write(send, "/v1/cash/deposits", body, o),
      approve: (reference: string, terms: { account: Address; amount: Quantity }, o?: WriteOptions) =>
        write(send, `${deposit(reference)}/approval`, terms, o),
      withdraw: (reference: string, o?: WriteOptions) => remove(send, deposit(reference), o),
    },
    transfers: {
      create: (body: CashTransferInput | SignedBody, o?: WriteOptions) => write(send, "/v1/cash/transfers", body, o),
    },
    redemptions: {
      ...collection<c.Redemption, Owner & { status?: string }>(send, "/v1/cash/redemptions"),
      create: (body: object, o?: WriteOptions) => write(send, "/v1/cash/redemptions", body, o),
      approve: (id: string, o?: WriteOptions) => write(send, `${redemption(id)}/approval`, {}, o),
      pay: (id: string, reference: string, o?: WriteOptions) =>
        write(send, `${redemption(id)}/payment`, { reference }, o),
      refuse: (id: string, reason: string, o?: WriteOptions) => write(send, `${redemption(id)}/refusal`, { reason }, o),
    },
  };
}

/** What the service refuses to guess of an order that it is to sign. */
function managedBody(body: SignedOrder | ManagedOrder): object {
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
