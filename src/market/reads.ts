import { sql, type Selectable } from "kysely";

import type { Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import type { OrdersTable, TradesTable } from "../db/market-tables.js";
import { IS_UNSETTLED } from "../db/unsettled-trades.js";
import { toInteger } from "../integers.js";
import { readPage, type Page, type PageRequest } from "../ledger/read/page.js";
import type { EngineReason, OrderRecord } from "./engine.js";
import type { MarketSide, OrderStatus, TradeMode } from "./ports.js";

/** An order as its owner sees it. Quantities are decimal strings; `expiresAt` is Unix time in seconds. */
export interface OrderView {
  readonly id: string;
  readonly account: string;
  readonly participantId: number;
  readonly batch: string;
  readonly side: MarketSide;
  readonly kind: "limit" | "market";
  readonly mode: "book" | "put-through" | "auction";
  readonly tonnes: string;
  readonly minimumTonnes: string;
  readonly limitPrice: string;
  readonly maximumFeeBasisPoints: string;
  readonly nonce: string;
  readonly expiresAt: string;
  readonly timeInForce: OrdersTable["time_in_force"];
  readonly postOnly: boolean;
  readonly selfTrade: OrdersTable["self_trade"];
  readonly status: OrderStatus;
  readonly reason: EngineReason | null;
  readonly filledTonnes: string;
  readonly openTonnes: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly signature: string;
}

export interface OrderListFilter {
  readonly participantId?: number | undefined;
  readonly account?: string | undefined;
  readonly batch?: string | undefined;
  readonly side?: MarketSide | undefined;
  readonly status?: OrderStatus | undefined;
  readonly mode?: OrderView["mode"] | undefined;
  /** Without the bids of auctions that have not ended. */
  readonly withoutSealed?: boolean;
}

/** A bid in an auction that has not ended is its bidder's secret, from institutions and auditors, too. */
export function isSealed({ mode, side, status }: Pick<OrderView, "mode" | "side" | "status">): boolean {
  return mode === "auction" && side === "buy" && status === "open";
}

/** A trade as one of its parties sees it. */
export interface OwnTradeView {
  readonly id: string;
  readonly batch: string;
  readonly mode: TradeMode;
  readonly side: MarketSide;
  /** The party's own order; of a deal, the deal. */
  readonly order: string;
  readonly account: string;
  readonly tonnes: string;
  readonly price: string;
  readonly isAggressor: boolean | null;
  readonly status: TradesTable["status"];
  /** Once settled. */
  readonly fee: string | null;
  readonly txHash: string | null;
  readonly blockNumber: number | null;
  readonly problem: Record<string, unknown> | null;
  readonly matchedAt: string;
}

export interface TradeListFilter {
  readonly batch?: string | undefined;
  readonly order?: string | undefined;
  readonly status?: TradesTable["status"] | undefined;
}

export function viewOfRecord({ order, status, reason, filledTonnes, createdAt, updatedAt }: OrderRecord): OrderView {
  return {
    id: order.hash,
    account: order.account,
    participantId: order.participantId,
    batch: order.batch,
    side: order.side,
    kind: order.type,
    mode: order.mode,
    tonnes: order.tonnes.toString(),
    minimumTonnes: order.minimumTonnes.toString(),
    limitPrice: order.price.toString(),
    maximumFeeBasisPoints: order.maximumFee.toString(),
    nonce: order.nonce.toString(),
    expiresAt: order.expiresAt.toString(),
    timeInForce: order.timeInForce,
    postOnly: order.postOnly,
    selfTrade: order.selfTrade,
    status,
    reason,
    filledTonnes: filledTonnes.toString(),
    openTonnes: (status === "open" ? order.tonnes - filledTonnes : 0).toString(),
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    signature: order.signature,
  };
}

function viewOfRow(row: Selectable<OrdersTable>): OrderView {
  return {
    id: row.hash,
    account: row.account,
    participantId: row.participant_id,
    batch: row.batch_code,
    side: row.side,
    kind: row.kind,
    mode: row.mode,
    tonnes: row.tonnes.toString(),
    minimumTonnes: row.minimum_tonnes.toString(),
    limitPrice: row.limit_price.toString(),
    maximumFeeBasisPoints: row.maximum_fee_basis_points.toString(),
    nonce: row.nonce.toString(),
    expiresAt: row.expires_at.toString(),
    timeInForce: row.time_in_force,
    postOnly: row.post_only,
    selfTrade: row.self_trade,
    status: row.status,
    reason: row.reason as EngineReason | null,
    filledTonnes: row.filled_tonnes.toString(),
    openTonnes: (row.status === "open" ? row.tonnes - row.filled_tonnes : 0n).toString(),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    signature: row.signature,
  };
}

export async function findOrders(db: Db, hashes: readonly string[]): Promise<Map<string, OrderView>> {
  const rows = await db
    .selectFrom("orders")
    .selectAll()
    .where(sql<boolean>`hash in (select jsonb_array_elements_text(${jsonText(hashes)}::text::jsonb))`)
    .execute();
  return new Map(rows.map((row) => [row.hash, viewOfRow(row)]));
}

/** The latest first. */
export async function listOrders(db: Db, filter: OrderListFilter, page: PageRequest): Promise<Page<OrderView>> {
  const { participantId, account, batch, side, status, mode, withoutSealed } = filter;
  let query = db.selectFrom("orders").selectAll();
  if (withoutSealed) query = query.where(sql<boolean>`not (mode = 'auction' and side = 'buy' and status = 'open')`);
  if (participantId !== undefined) query = query.where("participant_id", "=", participantId);
  if (account !== undefined) query = query.where("account", "=", account);
  if (batch !== undefined) query = query.where("batch_code", "=", batch);
  if (side !== undefined) query = query.where("side", "=", side);
  if (status !== undefined) query = query.where("status", "=", status);
  if (mode !== undefined) query = query.where("mode", "=", mode);
  return readPage(query, [{ column: "listed", kind: "int8" }], "desc", page, viewOfRow);
}

/** Of a participant, the latest first. */
export async function listOwnTrades(
  db: Db,
  participantId: number,
  { batch, order, status }: TradeListFilter,
  page: PageRequest,
): Promise<Page<OwnTradeView>> {
  let query = db
    .selectFrom("trades")
    .selectAll()
    .where((x) =>
      x.or([x("buyer_participant_id", "=", participantId), x("seller_participant_id", "=", participantId)]),
    );
  if (batch !== undefined) query = query.where("batch_code", "=", batch);
  if (status !== undefined) query = query.where("status", "=", status);
  if (status === "matched") query = query.where(IS_UNSETTLED);
  if (order !== undefined) query = query.where((x) => x.or([x("taker_hash", "=", order), x("maker_hash", "=", order)]));
  return readPage(query, [{ column: "seq", kind: "int8" }], "desc", page, (row) => ownTrade(row, participantId));
}

function ownTrade(row: Selectable<TradesTable>, participantId: number): OwnTradeView {
  const side = row.buyer_participant_id === participantId ? "buy" : "sell";
  const isAggressor = row.aggressor === null ? null : row.aggressor === side;
  const fee = side === "buy" ? row.buyer_fee : row.seller_fee;
  return {
    id: row.id,
    batch: row.batch_code,
    mode: row.mode,
    side,
    order: isAggressor === false ? row.maker_hash : row.taker_hash,
    account: side === "buy" ? row.buyer : row.seller,
    tonnes: row.tonnes.toString(),
    price: row.price.toString(),
    isAggressor,
    status: row.status,
    fee: fee === null ? null : fee.toString(),
    txHash: row.tx_hash,
    blockNumber: row.block_number === null ? null : toInteger(row.block_number),
    problem: row.problem,
    matchedAt: row.matched_at.toISOString(),
  };
}
