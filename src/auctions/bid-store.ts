import { sql, type Transaction } from "kysely";

import type { Db } from "../db/connection.js";
import type { Database } from "../db/schema.js";
import { readPage, type Page, type PageRequest } from "../ledger/read/page.js";
import { IS_ORDER_OPEN, lockOpen } from "./store.js";

export type BidStatus = "sealed" | "cancelled" | "won" | "lost";

/** A bid with the terms of its order. */
export interface BidRecord {
  readonly hash: string;
  readonly auctionId: string;
  readonly account: string;
  readonly participantId: number;
  readonly tonnes: bigint;
  readonly price: bigint;
  readonly maximumFee: number;
  readonly status: BidStatus;
  readonly allottedTonnes: bigint;
  /** False when the order is void: cancelled on the chain, or its owner suspended. */
  readonly isOrderOpen: boolean;
  readonly createdAt: Date;
}

/** Adds a bid, unless the auction has ended. @returns false when it has */
export async function insertBid(trx: Transaction<Database>, auctionId: string, hash: string): Promise<boolean> {
  if (!(await lockOpen(trx, auctionId))) return false;
  await trx
    .insertInto("auction_bids")
    .values({ hash, auction_id: auctionId, status: "sealed" })
    .onConflict((conflict) => conflict.column("hash").doNothing())
    .execute();
  return true;
}

/** @returns false when it cannot be taken back any more */
export async function cancelBid(trx: Transaction<Database>, auctionId: string, hash: string): Promise<boolean> {
  if (!(await lockOpen(trx, auctionId))) return false;
  const updated = await trx
    .updateTable("auction_bids")
    .set({ status: "cancelled" })
    .where("hash", "=", hash)
    .where("auction_id", "=", auctionId)
    .where("status", "=", "sealed")
    .returning("hash")
    .executeTakeFirst();
  return updated !== undefined;
}

/** Bids of one participant, or of all, in the order of their arrival. */
export async function listBids(
  db: Db,
  auctionId: string,
  participantId: number,
  page: PageRequest,
): Promise<Page<BidRecord>> {
  const query = selectBids(db)
    .where("auction_bids.auction_id", "=", auctionId)
    .where("orders.participant_id", "=", participantId);
  return readPage(query, [{ column: "auction_bids.seq", kind: "int8" }], "desc", page, bidOf);
}

export async function findBid(db: Db, auctionId: string, hash: string): Promise<BidRecord | undefined> {
  const row = await selectBids(db)
    .where("auction_bids.auction_id", "=", auctionId)
    .where("auction_bids.hash", "=", hash)
    .executeTakeFirst();
  return row === undefined ? undefined : bidOf(row);
}

/** All that take part, in the order of their arrival. */
export async function sealedBids(db: Db | Transaction<Database>, auctionId: string): Promise<BidRecord[]> {
  const rows = await selectBids(db)
    .where("auction_bids.auction_id", "=", auctionId)
    .where("auction_bids.status", "=", "sealed")
    .orderBy("auction_bids.seq")
    .execute();
  return rows.map(bidOf);
}

export async function countBids(db: Db, auctionId: string): Promise<number> {
  const row = await db
    .selectFrom("auction_bids")
    .select(sql<number>`count(*)::int4`.as("count"))
    .where("auction_id", "=", auctionId)
    .where("status", "=", "sealed")
    .executeTakeFirstOrThrow();
  return row.count;
}

function selectBids(db: Db | Transaction<Database>) {
  return db
    .selectFrom("auction_bids")
    .innerJoin("orders", "orders.hash", "auction_bids.hash")
    .select([
      "auction_bids.hash",
      "auction_bids.auction_id",
      "auction_bids.status",
      "auction_bids.allotted_tonnes",
      "auction_bids.created_at",
      "orders.account",
      "orders.participant_id",
      "orders.tonnes",
      "orders.limit_price",
      "orders.maximum_fee_basis_points",
      IS_ORDER_OPEN.as("is_order_open"),
    ]);
}

type BidRow = Awaited<ReturnType<ReturnType<typeof selectBids>["execute"]>>[number];

function bidOf(row: BidRow): BidRecord {
  return {
    hash: row.hash,
    auctionId: row.auction_id,
    account: row.account,
    participantId: row.participant_id,
    tonnes: row.tonnes,
    price: row.limit_price,
    maximumFee: row.maximum_fee_basis_points,
    status: row.status,
    allottedTonnes: row.allotted_tonnes,
    isOrderOpen: row.is_order_open,
    createdAt: row.created_at,
  };
}
