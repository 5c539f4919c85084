import { sql } from "kysely";

import type { Db } from "../../db/connection.js";
import type { JsonObject, Lane } from "../../db/inbox-tables.js";
import { jsonText } from "../../db/json.js";
import { batchIdOf } from "../codes.js";
import { dealOf, ORDER_SIDES, type DealJson, type SignedDeal, type SignedOrder } from "../orders.js";
import { encodeSettle, encodeSettleDeals, type Fill, type Match } from "../settlement-call.js";
import { PayloadError } from "./payloads.js";
import type { OutgoingCall } from "./sender.js";
import type { QueuedTrade } from "./settlements.js";

const LANE: Lane = "settlement";

/** The most trades in one transaction, and the most bytes of its call: nodes take transactions of 128 kB. */
export const MAX_TRADES = 100;
const MAX_DIGITS = 2 * 120_000;
/** What the contract takes at most in one transaction: for a taker whose minimum needs more trades than usual. */
export const MOST_TRADES = 300;

/** Gas of the transaction itself, of a trade, and of a wallet contract that is asked about a signature. */
const BASE_GAS = 150_000n;
const TRADE_GAS = 120_000n;
const WALLET_GAS = 250_000n;
/** For what is not planned for: a wallet's signature may look like a key's. */
const SPARE_GAS = 2n * WALLET_GAS;
/** The most gas of one transaction: networks whose blocks take 60 million let one have half of them. */
const MOST_GAS = 30_000_000n;
const KEY_SIGNATURE_LENGTH = 2 + 2 * 65;

/** Payload of an operation of this lane: a trade between two orders, whose words are in `orders`, or a whole deal. */
export type SettlementPayload =
  | {
      readonly kind: "trade";
      readonly taker: string;
      readonly maker: string;
      readonly tonnes: string;
      readonly price: string;
    }
  | { readonly kind: "deal"; readonly hash: string; readonly signed: SignedDeal };

interface Trade {
  readonly operation: QueuedTrade;
  readonly payload: SettlementPayload;
}

/** A part of the queue that fits into one transaction. */
interface Planned {
  readonly operations: QueuedTrade[];
  readonly call: OutgoingCall;
}

/** How much goes into one transaction. */
export interface Measure {
  /** Trades, unless a taker's minimum needs more. */
  readonly limit: number;
  /** Whether every signature gets the gas of a wallet. */
  readonly isAmple: boolean;
}

/** What so many trades have at least when every signature gets the gas of a wallet: each trade has one that no other has. */
export function ampleGas(trades: number): bigint {
  return atMost(BASE_GAS + SPARE_GAS + BigInt(trades) * (TRADE_GAS + WALLET_GAS));
}

/** The first trades of the queue as one call: deals and trades of orders never share one. */
export async function planSettlement(
  db: Db,
  to: string,
  queue: readonly QueuedTrade[],
  measure: Measure,
): Promise<Planned> {
  const trades = queue.map((operation) => ({ operation, payload: settlementPayload(operation.payload) }));
  const kind = trades[0]?.payload.kind;
  const end = trades.findIndex(({ payload }) => payload.kind !== kind);
  const alike = end === -1 ? trades : trades.slice(0, end);
  return kind === "deal" ? planDeals(to, alike, measure) : planMatches(db, to, alike, measure);
}

function planDeals(to: string, trades: readonly Trade[], { limit, isAmple }: Measure): Planned {
  const deals = trades.slice(0, limit).flatMap(({ payload }) => (payload.kind === "deal" ? [payload.signed] : []));
  let count = 0;
  let gas = BASE_GAS + SPARE_GAS;
  for (const { sellerSignature, buyerSignature } of deals) {
    gas += gasOf(1, [sellerSignature, buyerSignature], isAmple);
    if (count > 0 && gas > MOST_GAS) break;
    count += 1;
  }
  let data = encodeSettleDeals(deals.slice(0, count));
  while (data.length > MAX_DIGITS && count > 1) {
    count = count >> 1;
    data = encodeSettleDeals(deals.slice(0, count));
  }
  const gasLimit = atMost(gas);
  return { operations: trades.slice(0, count).map(({ operation }) => operation), call: { to, data, gasLimit } };
}

async function planMatches(
  db: Db,
  to: string,
  trades: readonly Trade[],
  { limit, isAmple }: Measure,
): Promise<Planned> {
  const groups = groupByTaker(trades);
  // What is beyond the limit only goes when it is of the first taker.
  const within = Math.max(limit, groups[0]?.trades.length ?? 0);
  const orders = await signedOrders(db, trades.slice(0, within));
  const matches: Match[] = [];
  const operations: QueuedTrade[] = [];
  let digits = 0;
  let gas = BASE_GAS + SPARE_GAS;
  for (const group of groups) {
    const taker = orders.get(group.taker);
    if (taker === undefined) throw new PayloadError(LANE);
    const room = matches.length === 0 ? limit : limit - operations.length;
    const count = Math.max(Math.min(group.trades.length, room), needed(group.trades, taker));
    // What does not fit any more is the next transaction's; the first match goes in any case.
    if (matches.length > 0 && count > room) break;
    const chosen = group.trades.slice(0, count);
    const fills = chosen.map((trade) => fillOf(trade, orders));
    const size = digitsOf(taker, fills);
    const signatures = [taker, ...fills.map(({ maker }) => maker)].map(({ signature }) => signature);
    const cost = gasOf(fills.length, signatures, isAmple);
    if (matches.length > 0 && (digits + size > MAX_DIGITS || gas + cost > MOST_GAS)) break;
    digits += size;
    gas += cost;
    matches.push({ taker, fills });
    operations.push(...chosen.map(({ operation }) => operation));
    if (count < group.trades.length || operations.length >= limit) break;
  }
  return { operations, call: { to, data: encodeSettle(matches), gasLimit: atMost(gas) } };
}

interface TakerGroup {
  readonly taker: string;
  readonly trades: Trade[];
}

/** Trades next to each other with the same taker. */
function groupByTaker(trades: readonly Trade[]): TakerGroup[] {
  const groups: TakerGroup[] = [];
  for (const trade of trades) {
    if (trade.payload.kind !== "trade") continue;
    const last = groups.at(-1);
    if (last?.taker === trade.payload.taker) last.trades.push(trade);
    else groups.push({ taker: trade.payload.taker, trades: [trade] });
  }
  return groups;
}

/** How many trades the taker's minimum keeps together: the first settlement that touches an order reaches it, or nothing of it settles. */
function needed(trades: readonly Trade[], taker: SignedOrder): number {
  let tonnes = 0n;
  for (const [place, { payload }] of trades.entries()) {
    if (tonnes >= taker.order.minimumTonnes) return Math.max(1, place);
    if (payload.kind === "trade") tonnes += BigInt(payload.tonnes);
  }
  return Math.min(trades.length, MOST_TRADES);
}

function fillOf({ payload }: Trade, orders: ReadonlyMap<string, SignedOrder>): Fill {
  const maker = payload.kind === "trade" ? orders.get(payload.maker) : undefined;
  if (payload.kind !== "trade" || maker === undefined) throw new PayloadError(LANE);
  return { maker, tonnes: BigInt(payload.tonnes), price: BigInt(payload.price) };
}

/** Of a match, as it is packed: less than this. */
function digitsOf(taker: SignedOrder, fills: readonly Fill[]): number {
  const order = 2 * 80;
  return fills.reduce(
    (sum, { maker }) => sum + order + 2 * 24 + maker.signature.length,
    2 * order + taker.signature.length,
  );
}

function gasOf(trades: number, signatures: readonly string[], isAmple: boolean): bigint {
  const wallets = isAmple ? signatures.length : signatures.filter(isWallet).length;
  return BigInt(trades) * TRADE_GAS + BigInt(wallets) * WALLET_GAS;
}

/** What one taker's minimum keeps together may be estimated higher than that; it takes a third of the estimate. */
function atMost(gas: bigint): bigint {
  return gas < MOST_GAS ? gas : MOST_GAS;
}

/** Surely. One of this length may be a wallet's, too. */
function isWallet(signature: string): boolean {
  return signature.length !== KEY_SIGNATURE_LENGTH;
}

/** All orders of the trades: those that did not come with them are read in one question. */
async function signedOrders(db: Db, trades: readonly Trade[]): Promise<Map<string, SignedOrder>> {
  const known = new Map<string, SignedOrder>();
  const missing = new Set<string>();
  for (const { operation, payload } of trades) {
    if (payload.kind !== "trade") continue;
    const { taker, maker } = payload;
    if (operation.orders === undefined) for (const hash of [taker, maker]) missing.add(hash);
    else known.set(taker, operation.orders.taker).set(maker, operation.orders.maker);
  }
  if (missing.size > 0) for (const [hash, order] of await readOrders(db, missing)) known.set(hash, order);
  return known;
}

async function readOrders(db: Db, hashes: ReadonlySet<string>): Promise<[string, SignedOrder][]> {
  const rows = await db
    .selectFrom("orders")
    .select([
      "hash",
      "account",
      "batch_code",
      "side",
      "tonnes",
      "minimum_tonnes",
      "limit_price",
      "maximum_fee_basis_points",
      "nonce",
      "expires_at",
      "signature",
    ])
    .where(sql<boolean>`hash in (select jsonb_array_elements_text(${jsonText([...hashes])}::text::jsonb))`)
    .execute();
  return rows.map((row) => [
    row.hash,
    {
      order: {
        account: row.account,
        batchId: batchIdOf(row.batch_code),
        side: ORDER_SIDES.indexOf(row.side),
        tonnes: row.tonnes,
        minimumTonnes: row.minimum_tonnes,
        limitPrice: row.limit_price,
        maximumFeeBasisPoints: BigInt(row.maximum_fee_basis_points),
        nonce: row.nonce,
        expiresAt: row.expires_at,
      },
      signature: row.signature,
    },
  ]);
}

export function settlementPayload(payload: JsonObject): SettlementPayload {
  const { taker, maker, tonnes, price, hash, deal } = payload;
  if (typeof hash === "string" && typeof deal === "object") return { kind: "deal", hash, signed: signedDeal(deal) };
  if (typeof taker !== "string" || typeof maker !== "string" || typeof tonnes !== "string" || typeof price !== "string")
    throw new PayloadError(LANE);
  return { kind: "trade", taker, maker, tonnes, price };
}

function signedDeal(json: unknown): SignedDeal {
  const { deal, sellerSignature, buyerSignature } = json as {
    deal: DealJson;
    sellerSignature: string;
    buyerSignature: string;
  };
  return { deal: dealOf(deal), sellerSignature, buyerSignature };
}
