import { sql } from "kysely";

import type { Db } from "../../db/connection.js";
import type { SerialState, TransferKind } from "../../db/read-model-tables.js";
import type { Row } from "../row-cache.js";
import type { SerialRange } from "../serial-partition.js";
import { dayEnd, dayStart } from "./days.js";
import { readPage, type Page, type PageRequest } from "./page.js";

export interface HoldingView {
  readonly account: string;
  readonly participantId: number | null;
  readonly batch: string;
  readonly tonnes: bigint;
  /** May be more than is held. */
  readonly frozenTonnes: bigint;
}

/** `timestamp` is Unix time in seconds. */
export interface TransferView {
  /** `<block>-<log index>` */
  readonly id: string;
  readonly batch: string;
  readonly from: string;
  readonly to: string;
  readonly tonnes: bigint;
  readonly blocks: readonly SerialRange[];
  readonly kind: TransferKind;
  readonly intentHash: string | null;
  readonly timestamp: bigint;
  readonly txHash: string;
  readonly blockNumber: bigint;
  readonly logIndex: number;
}

/** Where a serial is. `recordId` is the retirement or the cancellation. */
export interface SerialView extends SerialRange {
  readonly batch: string;
  readonly state: SerialState;
  readonly account: string;
  readonly recordId: bigint | null;
}

/** Tonnes of all batches together. */
export interface TotalsView {
  readonly issuedTonnes: bigint;
  readonly heldTonnes: bigint;
  readonly retiredTonnes: bigint;
  readonly cancelledTonnes: bigint;
  readonly batches: bigint;
  readonly participants: bigint;
  readonly projects: bigint;
  readonly retirements: bigint;
  readonly cancellations: bigint;
  readonly transfers: bigint;
  /** True while the guardian has stopped all movements. */
  readonly paused: boolean;
  readonly bufferAccount: string | null;
}

export interface HoldingFilter {
  readonly account?: string | undefined;
  readonly participantId?: number | undefined;
  readonly batch?: string | undefined;
}

export interface TransferFilter {
  /** On either side. */
  readonly account?: string | undefined;
  /** With an account on either side. */
  readonly participantId?: number | undefined;
  readonly batch?: string | undefined;
  readonly kind?: TransferKind | undefined;
  readonly fromBlock?: bigint | undefined;
  readonly toBlock?: bigint | undefined;
  /** Days (`YYYY-MM-DD`, UTC), inclusive. */
  readonly fromDate?: string | undefined;
  readonly toDate?: string | undefined;
}

/** Holdings by account and batch. */
export async function listHoldings(db: Db, filter: HoldingFilter, page: PageRequest): Promise<Page<HoldingView>> {
  const { account, participantId, batch } = filter;
  const query = db
    .selectFrom("holdings")
    .leftJoin("accounts", "accounts.address", "holdings.account")
    .selectAll("holdings")
    .select("accounts.participant_id")
    .$if(account !== undefined, (q) => q.where("holdings.account", "=", account ?? ""))
    .$if(participantId !== undefined, (q) => q.where("accounts.participant_id", "=", participantId ?? 0))
    .$if(batch !== undefined, (q) => q.where("holdings.batch_code", "=", batch ?? ""));
  const keys = [
    { column: "holdings.account", kind: "text" },
    { column: "holdings.batch_code", kind: "text" },
  ] as const;
  return await readPage(query, keys, "asc", page, holdingView);
}

/** What an account holds of a batch; null when it never held or had frozen any. */
export async function findHolding(db: Db, account: string, batch: string): Promise<HoldingView | null> {
  const found = await listHoldings(db, { account, batch }, { limit: 1 });
  return found.items[0] ?? null;
}

/** The serial blocks behind a holding, in the order of serials; adjacent ones are always one. */
export async function listBlocks(
  db: Db,
  account: string,
  batch: string,
  page: PageRequest,
): Promise<Page<SerialRange>> {
  const query = db
    .selectFrom("serial_blocks")
    .selectAll()
    .where("account", "=", account)
    .where("batch_code", "=", batch)
    .where("state", "=", "held");
  return await readPage(query, [{ column: "start_serial", kind: "numeric" }], "asc", page, (row) => ({
    start: row.start_serial,
    end: row.end_serial,
  }));
}

/** All serial blocks of a batch: who holds, retired or cancelled which, in the order of serials. */
export async function listSerials(db: Db, batch: string, page: PageRequest): Promise<Page<SerialView>> {
  const query = db.selectFrom("serial_blocks").selectAll().where("batch_code", "=", batch);
  return await readPage(query, [{ column: "start_serial", kind: "numeric" }], "asc", page, serialView);
}

/** The block that a serial is in; null when the batch has no such serial. */
export async function findSerial(db: Db, batch: string, serial: bigint): Promise<SerialView | null> {
  const row = await db
    .selectFrom("serial_blocks")
    .selectAll()
    .where("batch_code", "=", batch)
    .where("start_serial", "<=", serial)
    .orderBy("start_serial", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined || row.end_serial < serial ? null : serialView(row);
}

/** Transfers, the latest first. */
export async function listTransfers(db: Db, filter: TransferFilter, page: PageRequest): Promise<Page<TransferView>> {
  const { account, participantId, batch, kind, fromBlock, toBlock, fromDate, toDate } = filter;
  const query = db
    .selectFrom("transfers")
    .selectAll()
    .$if(account !== undefined, (q) =>
      q.where((x) => x.or([x("from_account", "=", account ?? ""), x("to_account", "=", account ?? "")])),
    )
    .$if(participantId !== undefined, (q) =>
      q.where((x) => {
        const theirs = x
          .selectFrom("accounts")
          .select("address")
          .where("participant_id", "=", participantId ?? 0);
        return x.or([x("from_account", "in", theirs), x("to_account", "in", theirs)]);
      }),
    )
    .$if(batch !== undefined, (q) => q.where("batch_code", "=", batch ?? ""))
    .$if(kind !== undefined, (q) => q.where("kind", "=", kind ?? "transfer"))
    .$if(fromBlock !== undefined, (q) => q.where("block_number", ">=", fromBlock ?? 0n))
    .$if(toBlock !== undefined, (q) => q.where("block_number", "<=", toBlock ?? 0n))
    .$if(fromDate !== undefined, (q) => q.where("timestamp", ">=", dayStart(fromDate ?? "")))
    .$if(toDate !== undefined, (q) => q.where("timestamp", "<=", dayEnd(toDate ?? "")));
  const keys = [
    { column: "block_number", kind: "int8" },
    { column: "log_index", kind: "int4" },
  ] as const;
  return await readPage(query, keys, "desc", page, transferView);
}

/** @param id `<block>-<log index>` */
export async function findTransfer(db: Db, id: string): Promise<TransferView | null> {
  const row = await db.selectFrom("transfers").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : transferView(row);
}

/** Tonnes and counts of the whole ledger. */
export async function readTotals(db: Db): Promise<TotalsView> {
  const count = (table: string) => sql<bigint>`(select count(*) from ${sql.table(table)})`;
  const state = (name: string) => sql<string | null>`(select value from ledger_state where name = ${name})`;
  const row = await db
    .selectFrom("batches")
    .select([
      sql<bigint>`coalesce(sum(issued_tonnes), 0)`.as("issuedTonnes"),
      sql<bigint>`coalesce(sum(held_tonnes), 0)`.as("heldTonnes"),
      sql<bigint>`coalesce(sum(retired_tonnes), 0)`.as("retiredTonnes"),
      sql<bigint>`coalesce(sum(cancelled_tonnes), 0)`.as("cancelledTonnes"),
      sql<bigint>`count(*)`.as("batches"),
      count("participants").as("participants"),
      count("projects").as("projects"),
      count("retirements").as("retirements"),
      count("cancellations").as("cancellations"),
      count("transfers").as("transfers"),
      state("paused").as("paused"),
      state("bufferAccount").as("bufferAccount"),
    ])
    .executeTakeFirstOrThrow();
  return { ...row, paused: row.paused === "true" };
}

function holdingView(row: Row<"holdings"> & { participant_id: number | null }): HoldingView {
  return {
    account: row.account,
    participantId: row.participant_id,
    batch: row.batch_code,
    tonnes: row.tonnes,
    frozenTonnes: row.frozen_tonnes,
  };
}

function serialView(row: Row<"serial_blocks">): SerialView {
  return {
    batch: row.batch_code,
    start: row.start_serial,
    end: row.end_serial,
    state: row.state,
    account: row.account,
    recordId: row.record_id,
  };
}

export function transferView(row: Row<"transfers">): TransferView {
  return {
    id: row.id,
    batch: row.batch_code,
    from: row.from_account,
    to: row.to_account,
    tonnes: row.tonnes,
    blocks: blocksView(row.blocks),
    kind: row.kind,
    intentHash: row.intent_hash,
    timestamp: row.timestamp,
    txHash: row.tx_hash,
    blockNumber: row.block_number,
    logIndex: row.log_index,
  };
}

/** Serial blocks as the events have them. */
export function blocksView(blocks: Row<"transfers">["blocks"]): SerialRange[] {
  return blocks.map(({ start, end }) => ({ start: BigInt(start), end: BigInt(end) }));
}
