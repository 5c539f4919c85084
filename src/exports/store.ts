import type { Selectable } from "kysely";
import type { ExportsTable } from "../db/audit-tables.js";
import type { Db } from "../db/connection.js";
import type { JsonObject } from "../db/inbox-tables.js";
import { jsonText } from "../db/json.js";
import { readPage, type Page, type PageRequest } from "../ledger/read/page.js";
import type { ExportFormat } from "./ports.js";

/** An export, from its beginning. */
export interface ExportRecord {
  readonly id: string;
  /** As `principalName` says it. */
  readonly principal: string;
  readonly subject: string;
  readonly format: ExportFormat;
  readonly query: JsonObject;
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly status: "running" | "complete" | "abandoned";
  readonly createdAt: Date;
  /** Once complete. */
  readonly outcome: ExportOutcome | null;
}

export interface ExportOutcome {
  readonly rows: bigint;
  readonly bytes: bigint;
  /** 0x and lower-case hex. */
  readonly sha256: string;
  readonly signer: string;
  readonly signature: string;
  /** Whole seconds. */
  readonly finishedAt: Date;
}

type NewExport = Omit<ExportRecord, "status" | "createdAt" | "outcome">;

export async function insertExport(db: Db, { query, blockNumber, blockHash, ...rest }: NewExport): Promise<void> {
  await db
    .insertInto("exports")
    .values({
      ...rest,
      query: jsonText(query),
      block_number: blockNumber,
      block_hash: blockHash,
      status: "running",
    })
    .execute();
}

export async function completeExport(db: Db, id: string, outcome: ExportOutcome): Promise<void> {
  const { finishedAt, ...columns } = outcome;
  await db
    .updateTable("exports")
    .set({ ...columns, status: "complete", finished_at: finishedAt })
    .where("id", "=", id)
    .execute();
}

export async function abandonExport(db: Db, id: string): Promise<void> {
  await db
    .updateTable("exports")
    .set({ status: "abandoned", finished_at: new Date() })
    .where("id", "=", id)
    .where("status", "=", "running")
    .execute();
}

/** Those that a process left behind when it ended. */
export async function abandonRunningExports(db: Db): Promise<void> {
  await db.updateTable("exports").set({ status: "abandoned" }).where("status", "=", "running").execute();
}

/** Ids are in the order of time: so the key finds what is old. @returns how many were forgotten, at most `limit` */
export async function forgetExports(
  db: Db,
  { olderThan, status, limit }: { olderThan: Date; status: "complete" | "abandoned"; limit: number },
): Promise<number> {
  const old = db
    .selectFrom("exports")
    .select("id")
    .where("id", "<", firstIdOf(olderThan))
    .where("status", "=", status)
    .orderBy("id")
    .limit(limit);
  const { numDeletedRows } = await db.deleteFrom("exports").where("id", "in", old).executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** Beginning of the ids of an instant: 12 hexadecimal digits of milliseconds. */
export function firstIdOf(instant: Date): string {
  return instant.getTime().toString(16).padStart(12, "0");
}

export async function findExport(db: Db, id: string): Promise<ExportRecord | null> {
  const row = await exportQuery(db).where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : recordOf(row);
}

/** The latest first. @param principal undefined: everybody's */
export async function listExports(
  db: Db,
  principal: string | undefined,
  page: PageRequest,
): Promise<Page<ExportRecord>> {
  const query = exportQuery(db).$if(principal !== undefined, (q) => q.where("principal", "=", principal ?? ""));
  return await readPage(query, [{ column: "id", kind: "text" }], "desc", page, recordOf);
}

function exportQuery(db: Db) {
  return db.selectFrom("exports").selectAll();
}

function recordOf(row: Selectable<ExportsTable>): ExportRecord {
  const { rows, bytes, sha256, signer, signature, finished_at: finishedAt } = row;
  const isComplete =
    rows !== null && bytes !== null && sha256 !== null && signer !== null && signature !== null && finishedAt !== null;
  return {
    id: row.id,
    principal: row.principal,
    subject: row.subject,
    format: row.format as ExportFormat,
    query: row.query,
    blockNumber: row.block_number,
    blockHash: row.block_hash,
    status: row.status,
    createdAt: row.created_at,
    outcome: isComplete ? { rows, bytes, sha256, signer, signature, finishedAt } : null,
  };
}
