import type { CancellationReason, Purpose } from "../../chain/event-types.js";
import type { Db } from "../../db/connection.js";
import type { Row } from "../row-cache.js";
import type { SerialRange } from "../serial-partition.js";
import { dayEnd, dayStart, dayText } from "./days.js";
import { containing, readPage, type Page, type PageRequest } from "./page.js";
import { blocksView } from "./units.js";

/** What both kinds of record say. Times are Unix seconds. */
interface RecordView {
  readonly id: bigint;
  readonly batch: string;
  readonly project: string;
  readonly vintage: number;
  readonly tonnes: bigint;
  readonly blocks: readonly SerialRange[];
  readonly account: string;
  /** The entity whose account it was. */
  readonly participantId: number;
  readonly details: string;
  /** As the contract stores it. */
  readonly recordHash: string;
  readonly intentHash: string | null;
  readonly txHash: string;
  readonly blockNumber: bigint;
  readonly logIndex: number;
}

export interface RetirementView extends RecordView {
  /** Empty for a natural person, who is `beneficiaryCommitment`. */
  readonly beneficiary: string;
  readonly beneficiaryId: string;
  readonly beneficiaryCommitment: string | null;
  readonly purpose: Purpose;
  readonly reason: string;
  readonly consumptionCountry: string | null;
  /** Days, inclusive. */
  readonly consumptionPeriodStart: string | null;
  readonly consumptionPeriodEnd: string | null;
  readonly retiredAt: bigint;
}

export interface CancellationView extends RecordView {
  readonly reason: CancellationReason;
  readonly cancelledAt: bigint;
}

interface RecordFilter {
  readonly account?: string | undefined;
  readonly participantId?: number | undefined;
  readonly batch?: string | undefined;
  readonly project?: string | undefined;
  readonly vintage?: number | undefined;
  /** Days (`YYYY-MM-DD`, UTC), inclusive. */
  readonly fromDate?: string | undefined;
  readonly toDate?: string | undefined;
  readonly minTonnes?: bigint | undefined;
  readonly maxTonnes?: bigint | undefined;
}

export interface RetirementFilter extends RecordFilter {
  /** Part of the name, in any case of letters. */
  readonly beneficiary?: string | undefined;
  readonly beneficiaryId?: string | undefined;
  readonly purpose?: Purpose | undefined;
  readonly country?: string | undefined;
}

export interface CancellationFilter extends RecordFilter {
  readonly reason?: CancellationReason | undefined;
}

const BY_ID = [{ column: "r.id", kind: "int8" }] as const;

/** Retirements, the latest first. */
export async function listRetirements(
  db: Db,
  filter: RetirementFilter,
  page: PageRequest,
): Promise<Page<RetirementView>> {
  const { account, participantId, batch, project, vintage, fromDate, toDate, minTonnes, maxTonnes } = filter;
  const { beneficiary, beneficiaryId, purpose, country } = filter;
  const query = retirementQuery(db)
    .$if(account !== undefined, (q) => q.where("r.account", "=", account ?? ""))
    .$if(participantId !== undefined, (q) => q.where("r.participant_id", "=", participantId ?? 0))
    .$if(batch !== undefined, (q) => q.where("r.batch_code", "=", batch ?? ""))
    .$if(project !== undefined, (q) => q.where("r.project_code", "=", project ?? ""))
    .$if(vintage !== undefined, (q) => q.where("r.vintage", "=", vintage ?? 0))
    .$if(fromDate !== undefined, (q) => q.where("r.retired_at", ">=", dayStart(fromDate ?? "")))
    .$if(toDate !== undefined, (q) => q.where("r.retired_at", "<=", dayEnd(toDate ?? "")))
    .$if(minTonnes !== undefined, (q) => q.where("r.tonnes", ">=", minTonnes ?? 0n))
    .$if(maxTonnes !== undefined, (q) => q.where("r.tonnes", "<=", maxTonnes ?? 0n))
    .$if(beneficiary !== undefined, (q) => q.where("r.beneficiary", "ilike", containing(beneficiary ?? "")))
    .$if(beneficiaryId !== undefined, (q) => q.where("r.beneficiary_id", "=", beneficiaryId ?? ""))
    .$if(purpose !== undefined, (q) => q.where("r.purpose", "=", purpose ?? "other"))
    .$if(country !== undefined, (q) => q.where("r.consumption_country", "=", country ?? ""));
  return await readPage(query, BY_ID, "desc", page, retirementView);
}

export async function findRetirement(db: Db, id: bigint): Promise<RetirementView | null> {
  const row = await retirementQuery(db).where("r.id", "=", id).executeTakeFirst();
  return row === undefined ? null : retirementView(row);
}

/** Cancellations, the latest first. */
export async function listCancellations(
  db: Db,
  filter: CancellationFilter,
  page: PageRequest,
): Promise<Page<CancellationView>> {
  const { account, participantId, batch, project, vintage, fromDate, toDate, minTonnes, maxTonnes, reason } = filter;
  const query = cancellationQuery(db)
    .$if(account !== undefined, (q) => q.where("r.account", "=", account ?? ""))
    .$if(participantId !== undefined, (q) => q.where("r.participant_id", "=", participantId ?? 0))
    .$if(batch !== undefined, (q) => q.where("r.batch_code", "=", batch ?? ""))
    .$if(project !== undefined, (q) => q.where("r.project_code", "=", project ?? ""))
    .$if(vintage !== undefined, (q) => q.where("r.vintage", "=", vintage ?? 0))
    .$if(fromDate !== undefined, (q) => q.where("r.cancelled_at", ">=", dayStart(fromDate ?? "")))
    .$if(toDate !== undefined, (q) => q.where("r.cancelled_at", "<=", dayEnd(toDate ?? "")))
    .$if(minTonnes !== undefined, (q) => q.where("r.tonnes", ">=", minTonnes ?? 0n))
    .$if(maxTonnes !== undefined, (q) => q.where("r.tonnes", "<=", maxTonnes ?? 0n))
    .$if(reason !== undefined, (q) => q.where("r.reason", "=", reason ?? "other"));
  return await readPage(query, BY_ID, "desc", page, cancellationView);
}

export async function findCancellation(db: Db, id: bigint): Promise<CancellationView | null> {
  const row = await cancellationQuery(db).where("r.id", "=", id).executeTakeFirst();
  return row === undefined ? null : cancellationView(row);
}

function retirementQuery(db: Db) {
  return db.selectFrom("retirements as r").selectAll("r");
}

function cancellationQuery(db: Db) {
  return db.selectFrom("cancellations as r").selectAll("r");
}

export function retirementView(row: Row<"retirements">): RetirementView {
  const { consumption_period_start: start, consumption_period_end: end } = row;
  return {
    ...recordView(row),
    beneficiary: row.beneficiary,
    beneficiaryId: row.beneficiary_id,
    beneficiaryCommitment: row.beneficiary_commitment,
    purpose: row.purpose,
    reason: row.reason,
    consumptionCountry: row.consumption_country,
    consumptionPeriodStart: start === null ? null : dayText(start),
    consumptionPeriodEnd: end === null ? null : dayText(end),
    retiredAt: row.retired_at,
  };
}

export function cancellationView(row: Row<"cancellations">): CancellationView {
  return { ...recordView(row), reason: row.reason, cancelledAt: row.cancelled_at };
}

function recordView(row: Row<"retirements"> | Row<"cancellations">): RecordView {
  return {
    id: row.id,
    batch: row.batch_code,
    project: row.project_code,
    vintage: row.vintage,
    tonnes: row.tonnes,
    blocks: blocksView(row.blocks),
    account: row.account,
    participantId: row.participant_id,
    details: row.details,
    recordHash: row.record_hash,
    intentHash: row.intent_hash,
    txHash: row.tx_hash,
    blockNumber: row.block_number,
    logIndex: row.log_index,
  };
}
