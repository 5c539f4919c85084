import type { CancellationReason, Purpose } from "../chain/event-types.js";
import type { SerialState } from "../db/read-model-tables.js";
import type { Db } from "../db/connection.js";
import type { UnitStatus } from "./picklists.js";
import type { ReportBatch } from "./registry-snapshot.js";

/** Units of one batch whose fate is the same; serial numbers, both ends inclusive. */
export type UnitRun = { readonly start: bigint; readonly end: bigint } & (
  | { readonly status: "Held" }
  | { readonly status: "Buffer" }
  | { readonly status: "Retired"; readonly retirement: RetirementFacts }
  | { readonly status: "Cancelled"; readonly cancellation: CancellationFacts }
);

/** Times are Unix seconds. Empty texts were not stated. */
export interface RetirementFacts {
  readonly id: bigint;
  readonly at: bigint;
  readonly purpose: Purpose;
  readonly reason: string;
  readonly details: string;
  readonly beneficiary: string;
  readonly beneficiaryId: string;
  readonly country: string | null;
  readonly participantId: number;
}

export interface CancellationFacts {
  readonly id: bigint;
  readonly at: bigint;
  readonly reason: CancellationReason;
  readonly details: string;
}

interface Piece {
  readonly start: bigint;
  end: bigint;
  readonly status: Extract<UnitStatus, "Held" | "Buffer" | "Retired" | "Cancelled">;
  readonly recordId: bigint | null;
}

const RUNS_AT_ONCE = 2_000;

/**
 * Every unit of a batch exactly once, in the order of serials. Blocks of several holders side by side are one run: who holds what is not
 * told. While units move, each page is of its own moment; what a page before has told is told no second time, and nothing is left out.
 */
export async function* unitRuns(
  db: Db,
  { code, issuedTonnes }: Pick<ReportBatch, "code" | "issuedTonnes">,
  bufferAccount: string | null,
): AsyncGenerator<readonly UnitRun[]> {
  let told = 0n;
  let open: Piece | undefined;
  while (told < issuedTonnes) {
    const rows = await readBlocks(db, code, told + 1n);
    const done: Piece[] = [];
    for (const row of rows) {
      if (row.end_serial <= told) continue;
      const start = row.start_serial > told ? row.start_serial : told + 1n;
      const status = statusOf(row.state, row.account === bufferAccount);
      const piece = { start, end: row.end_serial, status, recordId: row.record_id };
      if (open !== undefined && continues(open, piece)) {
        open.end = piece.end;
      } else {
        if (open !== undefined) done.push(open);
        open = piece;
      }
      told = piece.end;
    }
    const isLast = rows.length < RUNS_AT_ONCE;
    if (isLast && open !== undefined) done.push(open);
    if (done.length > 0) yield await withRecords(db, done);
    if (isLast) return;
  }
}

/** From the block that has the serial on. */
async function readBlocks(db: Db, code: string, serial: bigint) {
  const before = await db
    .selectFrom("serial_blocks")
    .select("start_serial")
    .where("batch_code", "=", code)
    .where("start_serial", "<=", serial)
    .orderBy("start_serial", "desc")
    .limit(1)
    .executeTakeFirst();
  return db
    .selectFrom("serial_blocks")
    .selectAll()
    .where("batch_code", "=", code)
    .where("start_serial", ">=", before?.start_serial ?? serial)
    .orderBy("start_serial")
    .limit(RUNS_AT_ONCE)
    .execute();
}

function statusOf(state: SerialState, isBuffer: boolean): Piece["status"] {
  if (state === "retired") return "Retired";
  if (state === "cancelled") return "Cancelled";
  return isBuffer ? "Buffer" : "Held";
}

function continues(open: Piece, next: Piece): boolean {
  return open.end + 1n === next.start && open.status === next.status && open.recordId === next.recordId;
}

async function withRecords(db: Db, pieces: readonly Piece[]): Promise<UnitRun[]> {
  const idsOf = (status: Piece["status"]): bigint[] => [
    ...new Set(pieces.flatMap((piece) => (piece.status === status && piece.recordId !== null ? [piece.recordId] : []))),
  ];
  const retirements = await readRetirements(db, idsOf("Retired"));
  const cancellations = await readCancellations(db, idsOf("Cancelled"));
  return pieces.map(({ start, end, status, recordId }) => {
    if (status === "Held" || status === "Buffer") return { start, end, status };
    if (status === "Retired") return { start, end, status, retirement: known(retirements, recordId) };
    return { start, end, status, cancellation: known(cancellations, recordId) };
  });
}

async function readRetirements(db: Db, ids: readonly bigint[]): Promise<ReadonlyMap<bigint, RetirementFacts>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom("retirements").selectAll().where("id", "in", ids).execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        at: row.retired_at,
        purpose: row.purpose,
        reason: row.reason,
        details: row.details,
        beneficiary: row.beneficiary,
        beneficiaryId: row.beneficiary_id,
        country: row.consumption_country,
        participantId: row.participant_id,
      },
    ]),
  );
}

async function readCancellations(db: Db, ids: readonly bigint[]): Promise<ReadonlyMap<bigint, CancellationFacts>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom("cancellations").selectAll().where("id", "in", ids).execute();
  return new Map(
    rows.map((row) => [row.id, { id: row.id, at: row.cancelled_at, reason: row.reason, details: row.details }]),
  );
}

function known<Facts>(records: ReadonlyMap<bigint, Facts>, id: bigint | null): Facts {
  const facts = id === null ? undefined : records.get(id);
  if (facts === undefined) throw new Error(`The read model has serials of record ${id}, but not the record.`);
  return facts;
}
