import type { FirstTransfer, IssuanceStatus, ProjectStatus } from "../../chain/event-types.js";
import type { Db } from "../../db/connection.js";
import type { Row } from "../row-cache.js";
import type { SerialRange } from "../serial-partition.js";
import { dayText } from "./days.js";
import { readPage, type Page, type PageRequest } from "./page.js";

export interface ProjectView {
  readonly code: string;
  readonly ownerId: number;
  readonly status: ProjectStatus;
  readonly bufferBasisPoints: number;
  readonly documentHash: string;
  readonly txHash: string;
  readonly blockNumber: bigint;
  readonly updatedBlock: bigint;
}

/** `periodStart` and `periodEnd` are days, inclusive. */
export interface StatementView {
  readonly id: string;
  readonly project: string;
  readonly verifier: string;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly verifiedTonnes: bigint;
  readonly claimedTonnes: bigint;
  readonly reportHash: string;
  readonly txHash: string;
  readonly blockNumber: bigint;
}

/** A serial block of another programme's registry. */
export interface ForeignBlockView extends SerialRange {
  readonly programme: string;
  readonly series: string;
}

/** `txHash` and `blockNumber` are of the proposal; `decided…` of the approval or rejection. */
export interface IssuanceView {
  readonly id: string;
  readonly batch: string;
  readonly statementId: string;
  readonly project: string;
  readonly vintage: number;
  readonly tonnes: bigint;
  readonly recipient: string;
  readonly foreignBlock: ForeignBlockView | null;
  readonly documentHash: string;
  readonly status: IssuanceStatus;
  readonly proposer: string;
  readonly approver: string | null;
  readonly rejecter: string | null;
  readonly reasonHash: string | null;
  readonly txHash: string;
  readonly blockNumber: bigint;
  readonly decidedTxHash: string | null;
  readonly decidedBlock: bigint | null;
}

export interface BatchView {
  readonly code: string;
  readonly project: string;
  readonly statementId: string;
  readonly vintage: number;
  readonly issuedTonnes: bigint;
  readonly heldTonnes: bigint;
  readonly retiredTonnes: bigint;
  readonly cancelledTonnes: bigint;
  readonly bufferTonnes: bigint;
  /** Bit set: see `Authorisations.sol`. */
  readonly authorisations: number;
  readonly firstTransfer: FirstTransfer;
  readonly authorisationDocumentHash: string | null;
  readonly authorisationRevoked: boolean;
  readonly paused: boolean;
  readonly foreignBlock: ForeignBlockView | null;
  readonly txHash: string;
  readonly blockNumber: bigint;
}

export interface ProjectFilter {
  readonly status?: ProjectStatus | undefined;
  readonly ownerId?: number | undefined;
}

export interface StatementFilter {
  readonly project?: string | undefined;
  readonly verifier?: string | undefined;
}

export interface IssuanceFilter {
  readonly status?: IssuanceStatus | undefined;
  readonly project?: string | undefined;
  readonly batch?: string | undefined;
  readonly statementId?: string | undefined;
}

export interface BatchFilter {
  readonly project?: string | undefined;
  readonly vintage?: number | undefined;
  /** Of the foreign block: imported batches of this programme only. */
  readonly programme?: string | undefined;
  /** True: with an authorisation in force. */
  readonly authorised?: boolean | undefined;
}

/** Projects by code. */
export async function listProjects(db: Db, filter: ProjectFilter, page: PageRequest): Promise<Page<ProjectView>> {
  const { status, ownerId } = filter;
  const query = db
    .selectFrom("projects")
    .selectAll()
    .$if(status !== undefined, (q) => q.where("status", "=", status ?? "none"))
    .$if(ownerId !== undefined, (q) => q.where("owner_id", "=", ownerId ?? 0));
  return await readPage(query, [{ column: "code", kind: "text" }], "asc", page, projectView);
}

export async function findProject(db: Db, code: string): Promise<ProjectView | null> {
  const row = await db.selectFrom("projects").selectAll().where("code", "=", code).executeTakeFirst();
  return row === undefined ? null : projectView(row);
}

/** Statements in the order of their recording. */
export async function listStatements(db: Db, filter: StatementFilter, page: PageRequest): Promise<Page<StatementView>> {
  const { project, verifier } = filter;
  const query = db
    .selectFrom("statements")
    .selectAll()
    .$if(project !== undefined, (q) => q.where("project_code", "=", project ?? ""))
    .$if(verifier !== undefined, (q) => q.where("verifier", "=", verifier ?? ""));
  return await readPage(query, [byBlock("block_number"), { column: "id", kind: "text" }], "asc", page, statementView);
}

export async function findStatement(db: Db, id: string): Promise<StatementView | null> {
  const row = await db.selectFrom("statements").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : statementView(row);
}

/** Issuances in the order of their proposal. */
export async function listIssuances(db: Db, filter: IssuanceFilter, page: PageRequest): Promise<Page<IssuanceView>> {
  const { status, project, batch, statementId } = filter;
  const query = db
    .selectFrom("issuances")
    .selectAll()
    .$if(status !== undefined, (q) => q.where("status", "=", status ?? "none"))
    .$if(project !== undefined, (q) => q.where("project_code", "=", project ?? ""))
    .$if(batch !== undefined, (q) => q.where("batch_code", "=", batch ?? ""))
    .$if(statementId !== undefined, (q) => q.where("statement_id", "=", statementId ?? ""));
  return await readPage(query, [byBlock("proposed_block"), { column: "id", kind: "text" }], "asc", page, issuanceView);
}

export async function findIssuance(db: Db, id: string): Promise<IssuanceView | null> {
  const row = await db.selectFrom("issuances").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : issuanceView(row);
}

/** Batches by code. */
export async function listBatches(db: Db, filter: BatchFilter, page: PageRequest): Promise<Page<BatchView>> {
  const { project, vintage, programme, authorised } = filter;
  const query = batchQuery(db)
    .$if(project !== undefined, (q) => q.where("batches.project_code", "=", project ?? ""))
    .$if(vintage !== undefined, (q) => q.where("batches.vintage", "=", vintage ?? 0))
    .$if(programme !== undefined, (q) => q.where("foreign_blocks.programme", "=", programme ?? ""))
    .$if(authorised !== undefined, (q) => q.where("batches.authorisations", authorised === true ? "<>" : "=", 0));
  return await readPage(query, [{ column: "batches.code", kind: "text" }], "asc", page, batchView);
}

export async function findBatch(db: Db, code: string): Promise<BatchView | null> {
  const row = await batchQuery(db).where("batches.code", "=", code).executeTakeFirst();
  return row === undefined ? null : batchView(row);
}

/** The start of the greatest recorded foreign block of a series below a serial: the hint that `approveIssuance` takes; 0 when none. */
export async function foreignBlockBefore(db: Db, programme: string, series: string, start: bigint): Promise<bigint> {
  const row = await db
    .selectFrom("foreign_blocks")
    .select("start_serial")
    .where("programme", "=", programme)
    .where("series", "=", series)
    .where("start_serial", "<", start)
    .orderBy("start_serial", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.start_serial ?? 0n;
}

/** The statement of a project with the latest period that starts before a day (its number): the hint of `recordStatement`; null when none. */
export async function statementIdBefore(db: Db, project: string, periodStart: bigint): Promise<string | null> {
  const row = await db
    .selectFrom("statements")
    .select("id")
    .where("project_code", "=", project)
    .where("period_start", "<", periodStart)
    .orderBy("period_start", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** An import has exactly one foreign block. */
function batchQuery(db: Db) {
  return db
    .selectFrom("batches")
    .leftJoin("foreign_blocks", "foreign_blocks.batch_code", "batches.code")
    .selectAll("batches")
    .select([
      "foreign_blocks.programme",
      "foreign_blocks.series",
      "foreign_blocks.start_serial",
      "foreign_blocks.end_serial",
    ]);
}

function byBlock(column: string) {
  return { column, kind: "int8" } as const;
}

function projectView(row: Row<"projects">): ProjectView {
  return {
    code: row.code,
    ownerId: row.owner_id,
    status: row.status,
    bufferBasisPoints: row.buffer_basis_points,
    documentHash: row.document_hash,
    txHash: row.tx_hash,
    blockNumber: row.listed_block,
    updatedBlock: row.updated_block,
  };
}

function statementView(row: Row<"statements">): StatementView {
  return {
    id: row.id,
    project: row.project_code,
    verifier: row.verifier,
    periodStart: dayText(row.period_start),
    periodEnd: dayText(row.period_end),
    verifiedTonnes: row.verified_tonnes,
    claimedTonnes: row.claimed_tonnes,
    reportHash: row.report_hash,
    txHash: row.tx_hash,
    blockNumber: row.block_number,
  };
}

export function issuanceView(row: Row<"issuances">): IssuanceView {
  return {
    id: row.id,
    batch: row.batch_code,
    statementId: row.statement_id,
    project: row.project_code,
    vintage: row.vintage,
    tonnes: row.tonnes,
    recipient: row.recipient,
    foreignBlock: foreignBlockView(row.foreign_programme, row.foreign_series, row.foreign_start, row.foreign_end),
    documentHash: row.document_hash,
    status: row.status,
    proposer: row.proposer,
    approver: row.approver,
    rejecter: row.rejecter,
    reasonHash: row.reason_hash,
    txHash: row.proposed_tx_hash,
    blockNumber: row.proposed_block,
    decidedTxHash: row.decided_tx_hash,
    decidedBlock: row.decided_block,
  };
}

interface ForeignColumns {
  readonly programme: string | null;
  readonly series: string | null;
  readonly start_serial: bigint | null;
  readonly end_serial: bigint | null;
}

function batchView(row: Row<"batches"> & ForeignColumns): BatchView {
  return {
    code: row.code,
    project: row.project_code,
    statementId: row.statement_id,
    vintage: row.vintage,
    issuedTonnes: row.issued_tonnes,
    heldTonnes: row.held_tonnes,
    retiredTonnes: row.retired_tonnes,
    cancelledTonnes: row.cancelled_tonnes,
    bufferTonnes: row.buffer_tonnes,
    authorisations: row.authorisations,
    firstTransfer: row.first_transfer,
    authorisationDocumentHash: row.authorisation_document_hash,
    authorisationRevoked: row.authorisation_revoked,
    paused: row.paused,
    foreignBlock: foreignBlockView(row.programme, row.series, row.start_serial, row.end_serial),
    txHash: row.tx_hash,
    blockNumber: row.issued_block,
  };
}

function foreignBlockView(
  programme: string | null,
  series: string | null,
  start: bigint | null,
  end: bigint | null,
): ForeignBlockView | null {
  if (programme === null || series === null || start === null || end === null) return null;
  return { programme, series, start, end };
}
