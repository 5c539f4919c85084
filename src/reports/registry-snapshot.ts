import type { FirstTransfer, ProjectStatus } from "../chain/event-types.js";
import type { Db } from "../db/connection.js";
import type { JsonObject } from "../db/inbox-tables.js";
import { findDocuments } from "../documents.js";

/** Times are Unix seconds, UTC. */
export interface ReportProject {
  readonly code: string;
  readonly status: ProjectStatus;
  /** When the registry last changed it. */
  readonly changedAt: bigint;
  readonly owner: ReportOwner;
  /** What it was listed with; empty when this service does not know it. */
  readonly document: JsonObject;
}

export interface ReportOwner {
  readonly id: number;
  readonly taxCode: string;
  readonly document: JsonObject;
}

/** Days since 1970-01-01. */
export interface ReportStatement {
  readonly id: string;
  readonly project: string;
  readonly periodStart: bigint;
  readonly periodEnd: bigint;
}

export interface ReportBatch {
  readonly code: string;
  readonly project: string;
  readonly statementId: string;
  readonly vintage: number;
  readonly issuedTonnes: bigint;
  readonly issuedAt: bigint;
  /** Bit set of `Authorisations.sol`; 0 when there is none in force. */
  readonly authorisations: number;
  readonly firstTransfer: FirstTransfer;
  /** When it was authorised last; null when there is no authorisation in force. */
  readonly authorisedAt: bigint | null;
  /** Since when there is one without a break. */
  readonly authorisedSince: bigint | null;
  /** Where the units come from; null for domestic ones. */
  readonly foreign: { readonly programme: string; readonly series: string; readonly start: bigint } | null;
}

/** What exists at one block, but for the units: small beside them, so it is held whole. All lists are sorted by code, or by id. */
export interface RegistrySnapshot {
  readonly blockNumber: bigint;
  readonly blockTime: bigint;
  readonly projects: readonly ReportProject[];
  readonly statements: readonly ReportStatement[];
  readonly batches: readonly ReportBatch[];
  readonly bufferAccount: string | null;
}

/** Reads everything at one moment of the read model. @throws Error while it knows no block */
export async function readRegistry(db: Db): Promise<RegistrySnapshot> {
  const moment = db.transaction().setIsolationLevel("repeatable read");
  return moment.execute(async (snapshot) => {
    const head = await snapshot
      .selectFrom("cursor")
      .innerJoin("blocks", "blocks.number", "cursor.block_number")
      .select(["blocks.number", "blocks.timestamp"])
      .executeTakeFirstOrThrow();
    const buffer = await snapshot
      .selectFrom("ledger_state")
      .select("value")
      .where("name", "=", "bufferAccount")
      .executeTakeFirst();
    return {
      blockNumber: head.number,
      blockTime: head.timestamp,
      projects: await readProjects(snapshot),
      statements: await readStatements(snapshot),
      batches: await readBatches(snapshot),
      bufferAccount: buffer?.value ?? null,
    };
  });
}

async function readProjects(db: Db): Promise<ReportProject[]> {
  const rows = await db
    .selectFrom("projects")
    .innerJoin("participants", "participants.id", "projects.owner_id")
    .innerJoin("blocks", "blocks.number", "projects.updated_block")
    .select(["projects.code", "projects.status", "projects.document_hash", "projects.owner_id", "blocks.timestamp"])
    .select(["participants.tax_code", "participants.document_hash as owner_document"])
    .orderBy("projects.code")
    .execute();
  const documents = await findDocuments(
    db,
    rows.flatMap((row) => [row.document_hash, row.owner_document]),
  );
  return rows.map((row) => ({
    code: row.code,
    status: row.status,
    changedAt: row.timestamp,
    owner: { id: row.owner_id, taxCode: row.tax_code, document: documents.get(row.owner_document) ?? {} },
    document: documents.get(row.document_hash) ?? {},
  }));
}

async function readStatements(db: Db): Promise<ReportStatement[]> {
  const rows = await db
    .selectFrom("statements")
    .select(["id", "project_code", "period_start", "period_end"])
    .orderBy("project_code")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    project: row.project_code,
    periodStart: row.period_start,
    periodEnd: row.period_end,
  }));
}

async function readBatches(db: Db): Promise<ReportBatch[]> {
  const authorisations = await readAuthorisations(db);
  const rows = await db
    .selectFrom("batches")
    .innerJoin("blocks", "blocks.number", "batches.issued_block")
    .leftJoin("foreign_blocks", "foreign_blocks.batch_code", "batches.code")
    .selectAll("batches")
    .select(["blocks.timestamp", "foreign_blocks.programme", "foreign_blocks.series", "foreign_blocks.start_serial"])
    .orderBy("batches.code")
    .execute();
  return rows.map((row) => ({
    code: row.code,
    project: row.project_code,
    statementId: row.statement_id,
    vintage: row.vintage,
    issuedTonnes: row.issued_tonnes,
    issuedAt: row.timestamp,
    authorisations: row.authorisations,
    firstTransfer: row.first_transfer,
    authorisedAt: row.authorisations === 0 ? null : (authorisations.get(row.code)?.last ?? null),
    authorisedSince: row.authorisations === 0 ? null : (authorisations.get(row.code)?.since ?? null),
    foreign:
      row.programme === null || row.series === null || row.start_serial === null
        ? null
        : { programme: row.programme, series: row.series, start: row.start_serial },
  }));
}

/** When each batch was authorised last, and first since it was not. */
async function readAuthorisations(db: Db): Promise<ReadonlyMap<string, { since: bigint; last: bigint }>> {
  const rows = await db
    .selectFrom("events")
    .innerJoin("blocks", "blocks.number", "events.block_number")
    .select(["events.name", "events.args", "blocks.timestamp"])
    .where("events.name", "in", ["BatchAuthorised", "BatchAuthorisationRevoked"])
    .orderBy("events.block_number")
    .orderBy("events.log_index")
    .execute();
  const batches = new Map<string, { since: bigint; last: bigint }>();
  for (const { name, args, timestamp } of rows) {
    const batch = args["batchId"];
    if (typeof batch !== "string") continue;
    if (name === "BatchAuthorised")
      batches.set(batch, { since: batches.get(batch)?.since ?? timestamp, last: timestamp });
    else batches.delete(batch);
  }
  return batches;
}
