import { sql } from "kysely";
import type { Transaction } from "kysely";

import type { DealJson } from "../chain/orders.js";
import type { Db } from "../db/connection.js";
import type { DealSide, DealStatus } from "../db/deal-tables.js";
import type { JsonObject } from "../db/inbox-tables.js";
import type { Database } from "../db/schema.js";
import { toInteger } from "../integers.js";
import { readPage, type Page, type PageRequest } from "../ledger/read/page.js";

/** As the API tells it: a confirmed deal is settled or failed as soon as its trade is. */
export type DealState = DealStatus | "settled" | "failed";

/** A deal and what became of it. */
export interface DealRecord {
  readonly hash: string;
  readonly deal: DealJson;
  readonly sellerParticipantId: number;
  readonly buyerParticipantId: number;
  readonly reportedBy: DealSide;
  readonly sellerSignature: string | null;
  readonly buyerSignature: string | null;
  readonly status: DealState;
  readonly cancelledBy: DealSide | null;
  readonly txHash: string | null;
  readonly blockNumber: bigint | null;
  readonly problem: JsonObject | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface DealFilter {
  readonly status?: DealState | undefined;
  readonly batch?: string | undefined;
  readonly account?: string | undefined;
  /** On either side; undefined: all. */
  readonly participantId?: number | undefined;
}

export interface NewDeal {
  readonly hash: string;
  readonly deal: DealJson;
  readonly sellerParticipantId: number;
  readonly buyerParticipantId: number;
  readonly reportedBy: DealSide;
  readonly signature: string;
}

/** @returns false when it is there already */
export async function insertDeal(db: Db, { hash, deal, reportedBy, signature, ...ids }: NewDeal): Promise<boolean> {
  const inserted = await db
    .insertInto("deals")
    .values({
      hash,
      seller: deal.seller,
      buyer: deal.buyer,
      seller_participant_id: ids.sellerParticipantId,
      buyer_participant_id: ids.buyerParticipantId,
      batch_code: deal.batch,
      tonnes: BigInt(deal.tonnes),
      price: BigInt(deal.price),
      maximum_fee_basis_points: toInteger(deal.maximumFeeBasisPoints),
      expires_at: BigInt(deal.expiresAt),
      nonce: deal.nonce,
      reported_by: reportedBy,
      seller_signature: reportedBy === "seller" ? signature : null,
      buyer_signature: reportedBy === "buyer" ? signature : null,
      status: "reported",
      cancelled_by: null,
    })
    .onConflict((conflict) => conflict.column("hash").doNothing())
    .returning("hash")
    .executeTakeFirst();
  return inserted !== undefined;
}

/** @returns false when it was not waiting for it any more */
export async function confirmDeal(
  trx: Transaction<Database>,
  hash: string,
  by: DealSide,
  signature: string,
): Promise<boolean> {
  const updated = await trx
    .updateTable("deals")
    .set({
      status: "confirmed",
      [by === "seller" ? "seller_signature" : "buyer_signature"]: signature,
      updated_at: sql<Date>`now()`,
    })
    .where("hash", "=", hash)
    .where("status", "=", "reported")
    .returning("hash")
    .executeTakeFirst();
  return updated !== undefined;
}

/** @returns false when it was not waiting any more */
export async function cancelDeal(db: Db, hash: string, by: DealSide): Promise<boolean> {
  const updated = await db
    .updateTable("deals")
    .set({ status: "cancelled", cancelled_by: by, updated_at: sql<Date>`now()` })
    .where("hash", "=", hash)
    .where("status", "=", "reported")
    .returning("hash")
    .executeTakeFirst();
  return updated !== undefined;
}

/** @param latest Unix seconds: what expires then or before is over. @returns the hashes of those that are */
export async function expireDeals(db: Db, latest: bigint): Promise<string[]> {
  const expired = await db
    .updateTable("deals")
    .set({ status: "expired", updated_at: sql<Date>`now()` })
    .where("status", "=", "reported")
    .where("expires_at", "<=", latest)
    .returning("hash")
    .execute();
  return expired.map(({ hash }) => hash);
}

/** Deals that a party has cancelled on the chain can never settle. @returns the hashes of those that were waiting */
export async function cancelRevokedDeals(db: Db): Promise<string[]> {
  const { rows } = await sql<{ hash: string }>`
    update deals set status = 'cancelled', updated_at = now(),
      cancelled_by = case when closed.cancelled_by = deals.seller then 'seller' else 'buyer' end
    from closed_deals closed
    where closed.hash = deals.hash and closed.status = 'cancelled' and deals.status = 'reported'
    returning deals.hash`.execute(db);
  return rows.map(({ hash }) => hash);
}

export async function findDeal(db: Db, hash: string): Promise<DealRecord | undefined> {
  const row = await selectDeals(db).where("deals.hash", "=", hash).executeTakeFirst();
  return row === undefined ? undefined : recordOf(row);
}

/** Those that wait for a confirmation. */
export async function reportedDeals(db: Db): Promise<DealRecord[]> {
  const rows = await selectDeals(db).where("deals.status", "=", "reported").execute();
  return rows.map(recordOf);
}

/** The latest report first. */
export async function listDeals(db: Db, filter: DealFilter, page: PageRequest): Promise<Page<DealRecord>> {
  const { status, batch, account, participantId } = filter;
  let query = selectDeals(db);
  if (status !== undefined) query = query.where(STATE, "=", status);
  if (batch !== undefined) query = query.where("deals.batch_code", "=", batch);
  if (account !== undefined)
    query = query.where((x) => x.or([x("deals.seller", "=", account), x("deals.buyer", "=", account)]));
  if (participantId !== undefined) {
    query = query.where((x) =>
      x.or([x("deals.seller_participant_id", "=", participantId), x("deals.buyer_participant_id", "=", participantId)]),
    );
  }
  return readPage(query, [{ column: "deals.seq", kind: "int8" }], "desc", page, recordOf);
}

/** The trade of a deal has the deal's hash as its id. */
const STATE = sql<DealState>`case when trades.status in ('settled', 'failed') then trades.status else deals.status end`;

function selectDeals(db: Db) {
  return db
    .selectFrom("deals")
    .leftJoin("trades", "trades.id", "deals.hash")
    .selectAll("deals")
    .select([STATE.as("state"), "trades.tx_hash", "trades.block_number", "trades.problem"]);
}

type DealRow = Awaited<ReturnType<ReturnType<typeof selectDeals>["execute"]>>[number];

function recordOf(row: DealRow): DealRecord {
  return {
    hash: row.hash,
    deal: {
      seller: row.seller,
      buyer: row.buyer,
      batch: row.batch_code,
      tonnes: row.tonnes.toString(),
      price: row.price.toString(),
      maximumFeeBasisPoints: row.maximum_fee_basis_points.toString(),
      expiresAt: row.expires_at.toString(),
      nonce: row.nonce,
    },
    sellerParticipantId: row.seller_participant_id,
    buyerParticipantId: row.buyer_participant_id,
    reportedBy: row.reported_by,
    sellerSignature: row.seller_signature,
    buyerSignature: row.buyer_signature,
    status: row.state,
    cancelledBy: row.cancelled_by,
    txHash: row.tx_hash,
    blockNumber: row.block_number,
    problem: row.problem,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
