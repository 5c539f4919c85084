import { sql, type Transaction } from "kysely";

import type { Db } from "../db/connection.js";
import type { AuctionStatus } from "../db/deal-tables.js";
import type { JsonObject } from "../db/inbox-tables.js";
import type { Database } from "../db/schema.js";
import type { SignedOrderJson } from "../market/ports.js";
import { readPage, type Page, type PageRequest } from "../ledger/read/page.js";

/** An auction, with what is secret until it has ended. */
export interface AuctionRecord {
  readonly id: string;
  readonly batch: string;
  readonly seller: string;
  readonly sellerParticipantId: number;
  readonly tonnes: bigint;
  readonly reservePrice: bigint;
  /** Unix time, in seconds. */
  readonly opensAt: bigint;
  readonly closesAt: bigint;
  readonly seed: string;
  readonly seedCommitment: string;
  readonly status: AuctionStatus;
  readonly voidReason: string | null;
  readonly clearingPrice: bigint | null;
  readonly createdAt: Date;
  readonly closedAt: Date | null;
  /** Of the seller's order: the highest fee that it accepts, in basis points. */
  readonly maximumFee: number;
  /** False when the seller's order is void: cancelled on the chain, or its owner suspended. */
  readonly isOrderOpen: boolean;
}

export interface AuctionFilter {
  readonly status?: AuctionStatus | undefined;
  readonly batch?: string | undefined;
  readonly participantId?: number | undefined;
}

export type NewAuction = Pick<
  AuctionRecord,
  | "id"
  | "batch"
  | "seller"
  | "sellerParticipantId"
  | "tonnes"
  | "reservePrice"
  | "opensAt"
  | "closesAt"
  | "seed"
  | "seedCommitment"
>;

/** How an auction ends. */
export interface AuctionEnd {
  readonly status: Exclude<AuctionStatus, "open">;
  readonly voidReason: string | null;
  readonly clearingPrice: bigint | null;
  /** JSON text. */
  readonly transcript: string | null;
  /** Tonnes by bid; the others get nothing. */
  readonly allotments: ReadonlyMap<string, bigint>;
}

export async function insertAuction(trx: Transaction<Database>, auction: NewAuction): Promise<void> {
  await trx
    .insertInto("auctions")
    .values({
      id: auction.id,
      batch_code: auction.batch,
      seller: auction.seller,
      seller_participant_id: auction.sellerParticipantId,
      tonnes: auction.tonnes,
      reserve_price: auction.reservePrice,
      opens_at: auction.opensAt,
      closes_at: auction.closesAt,
      seed: auction.seed,
      seed_commitment: auction.seedCommitment,
      status: "open",
    })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
}

/** Bids come, go and are closed one after the other. @returns false when the auction has ended */
export async function lockOpen(trx: Transaction<Database>, id: string): Promise<boolean> {
  const row = await trx
    .selectFrom("auctions")
    .select("id")
    .where("id", "=", id)
    .where("status", "=", "open")
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

/** Writes the end of an auction that is locked. */
export async function endAuction(trx: Transaction<Database>, id: string, end: AuctionEnd): Promise<void> {
  await trx
    .updateTable("auctions")
    .set({
      status: end.status,
      void_reason: end.voidReason,
      clearing_price: end.clearingPrice,
      transcript: end.transcript,
      closed_at: sql<Date>`now()`,
    })
    .where("id", "=", id)
    .execute();
  const won = [...end.allotments].map(([hash, tonnes]) => ({ hash, tonnes: tonnes.toString() }));
  await sql`
    update auction_bids set status = 'won', allotted_tonnes = won.tonnes
    from jsonb_to_recordset(${JSON.stringify(won)}::text::jsonb) as won(hash text, tonnes int8)
    where auction_bids.hash = won.hash and auction_bids.auction_id = ${id}`.execute(trx);
  await trx
    .updateTable("auction_bids")
    .set({ status: "lost" })
    .where("auction_id", "=", id)
    .where("status", "=", "sealed")
    .execute();
}

export async function findAuction(db: Db, id: string): Promise<AuctionRecord | undefined> {
  const row = await selectAuctions(db).where("auctions.id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : auctionOf(row);
}

/** The hash of an order that was accepted before, with just this signature. */
export async function findSignedOrder(db: Db, { order, signature }: SignedOrderJson): Promise<string | undefined> {
  const row = await db
    .selectFrom("orders")
    .select("hash")
    .where("account", "=", order.account)
    .where("batch_code", "=", order.batch)
    .where(sql<boolean>`nonce = ${order.nonce}::numeric`)
    .where("signature", "=", signature)
    .executeTakeFirst();
  return row?.hash;
}

export async function transcriptOf(db: Db, id: string): Promise<JsonObject | null> {
  const row = await db.selectFrom("auctions").select("transcript").where("id", "=", id).executeTakeFirst();
  return row?.transcript ?? null;
}

/** Ids of those that are to be closed. @param now Unix seconds */
export async function dueAuctions(db: Db, now: bigint): Promise<string[]> {
  const rows = await db
    .selectFrom("auctions")
    .select("id")
    .where("status", "=", "open")
    .where("closes_at", "<=", now)
    .orderBy("closes_at")
    .orderBy("seq")
    .execute();
  return rows.map(({ id }) => id);
}

/** The latest announcement first. */
export async function listAuctions(db: Db, filter: AuctionFilter, page: PageRequest): Promise<Page<AuctionRecord>> {
  const { status, batch, participantId } = filter;
  let query = selectAuctions(db);
  if (status !== undefined) query = query.where("auctions.status", "=", status);
  if (batch !== undefined) query = query.where("auctions.batch_code", "=", batch);
  if (participantId !== undefined) query = query.where("seller_participant_id", "=", participantId);
  return readPage(query, [{ column: "auctions.seq", kind: "int8" }], "desc", page, auctionOf);
}

/** An order of an auction, or of a bid, that has ended, while the market still has it as open. */
export interface Unconcluded {
  readonly hash: string;
  readonly filledTonnes: bigint;
  readonly isCancelled: boolean;
}

/** What a stop between the end of an auction and the release of its orders has left behind. */
export async function unconcludedOrders(db: Db): Promise<Unconcluded[]> {
  const { rows } = await sql<{ hash: string; filled: bigint; is_cancelled: boolean }>`
    select orders.hash, bid.allotted_tonnes as filled, bid.status = 'cancelled' as is_cancelled
    from orders join auction_bids bid on bid.hash = orders.hash
    where orders.mode = 'auction' and orders.status = 'open' and bid.status <> 'sealed'
    union all
    select orders.hash,
      coalesce((select sum(allotted_tonnes) from auction_bids where auction_id = auction.id), 0)::int8 as filled,
      auction.status = 'cancelled' as is_cancelled
    from orders join auctions auction on auction.id = orders.hash
    where orders.mode = 'auction' and orders.status = 'open' and auction.status <> 'open'`.execute(db);
  return rows.map((row) => ({ hash: row.hash, filledTonnes: row.filled, isCancelled: row.is_cancelled }));
}

/** Neither let go here, nor cancelled on the chain. */
export const IS_ORDER_OPEN = sql<boolean>`orders.status = 'open'
  and not exists (select 1 from cancelled_orders c
    where c.account = orders.account and c.batch_code = orders.batch_code and c.nonce = orders.nonce)
  and not exists (select 1 from order_floors f where f.account = orders.account and f.first_valid_nonce > orders.nonce)`;

function selectAuctions(db: Db) {
  return db
    .selectFrom("auctions")
    .innerJoin("orders", "orders.hash", "auctions.id")
    .selectAll("auctions")
    .select(["orders.maximum_fee_basis_points", IS_ORDER_OPEN.as("is_order_open")]);
}

type AuctionRow = Awaited<ReturnType<ReturnType<typeof selectAuctions>["execute"]>>[number];
function auctionOf(row: AuctionRow): AuctionRecord {
  return {
    id: row.id,
    batch: row.batch_code,
    seller: row.seller,
    sellerParticipantId: row.seller_participant_id,
    tonnes: row.tonnes,
    reservePrice: row.reserve_price,
    opensAt: row.opens_at,
    closesAt: row.closes_at,
    seed: row.seed,
    seedCommitment: row.seed_commitment,
    status: row.status,
    voidReason: row.void_reason,
    clearingPrice: row.clearing_price,
    createdAt: row.created_at,
    closedAt: row.closed_at,
    maximumFee: row.maximum_fee_basis_points,
    isOrderOpen: row.is_order_open,
  };
}
