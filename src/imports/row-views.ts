import { isoDay } from "../chain/codes.js";
import type { Db } from "../db/connection.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import { actId, endingOf, type ActContext } from "./acts.js";
import { pageOfRows, type RowRecord } from "./store.js";

/** `known`: the ledger had it already. `checked`: it can be taken. `pending`: on its way. */
export type RowStatus = "refused" | "known" | "checked" | "pending" | "final" | "failed";

/** A row of the file, and what became of it. Days are `YYYY-MM-DD`. */
export interface RowView {
  readonly number: bigint;
  readonly line: bigint;
  readonly status: RowStatus;
  readonly project: string | null;
  readonly vintage: number | null;
  readonly tonnes: bigint | null;
  readonly periodStart: string | null;
  readonly periodEnd: string | null;
  readonly issuedOn: string | null;
  readonly ends: "retired" | "cancelled" | null;
  readonly endedOn: string | null;
  readonly foreignBlock: {
    readonly programme: string;
    readonly series: string;
    readonly start: bigint;
    readonly end: bigint;
  } | null;
  readonly batch: string | null;
  readonly refusal: { readonly code: string; readonly detail: string } | null;
  /** Ids of operations; null for what is not to be done. */
  readonly proposalId: string | null;
  readonly approvalId: string | null;
  readonly endingId: string | null;
  /** Why an operation was rejected. */
  readonly problem: string | null;
}

type Outcome = { readonly status: string; readonly detail: string | null };
type Reader = Pick<ActContext, "record" | "intents">;

/** Rows in the order of the file, with the fate of their operations. @throws Problem `cursor-invalid` */
export async function readRows(
  db: Db,
  reader: Reader,
  isRefusedOnly: boolean,
  request: PageRequest,
): Promise<Page<RowView>> {
  const { items, next } = await pageOfRows(db, reader.record.id, isRefusedOnly, request);
  const asked = items.map((row) => ({ row, ids: operationIds(reader, row) }));
  const fates = await fatesOf(
    db,
    asked.flatMap(({ ids }) => Object.values(ids) as string[]),
  );
  return { items: asked.map(({ row, ids }) => viewOf(reader, row, ids, fates)), next };
}

interface OperationIds {
  readonly proposal?: string;
  readonly approval?: string;
  readonly ending?: string;
}

function operationIds(reader: Reader, row: RowRecord): OperationIds {
  const { record } = reader;
  if (record.started_at === null || row.place === null) return {};
  const key = String(row.number);
  return {
    ...(row.issues && !row.is_proposed ? { proposal: actId(record, "propose", key) } : {}),
    ...(row.issues ? { approval: actId(record, "approve", key) } : {}),
    ...(row.ends_now ? { ending: endingOf(reader, row).hash } : {}),
  };
}

async function fatesOf(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, Outcome>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom("operations").select(["id", "status", "problem"]).where("id", "in", ids).execute();
  return new Map(
    rows.map(({ id, status, problem }) => {
      const detail = problem?.["detail"];
      return [id, { status, detail: typeof detail === "string" ? detail : null }];
    }),
  );
}

function viewOf(
  { record }: Reader,
  row: RowRecord,
  { proposal, approval, ending }: OperationIds,
  fates: ReadonlyMap<string, Outcome>,
): RowView {
  const known = [proposal, approval, ending].map((id) => (id === undefined ? undefined : fates.get(id)));
  const day = (number: number | null): string | null => (number === null ? null : isoDay(number));
  const { programme, series, serial_start: start, serial_end: end } = row;
  return {
    number: row.number,
    line: row.line,
    status: statusOf(record.status, row, known),
    project: row.project,
    vintage: row.vintage,
    tonnes: row.tonnes,
    periodStart: day(row.period_start),
    periodEnd: day(row.period_end),
    issuedOn: day(row.issued_on),
    ends: row.ends,
    endedOn: day(row.ended_on),
    foreignBlock:
      programme === null || series === null || start === null || end === null
        ? null
        : { programme, series, start, end },
    batch: row.batch,
    refusal: row.refusal_code === null ? null : { code: row.refusal_code, detail: row.refusal ?? "" },
    proposalId: proposal ?? null,
    approvalId: approval ?? null,
    endingId: ending ?? null,
    problem: known.find((fate) => fate?.status === "rejected")?.detail ?? null,
  };
}

function statusOf(importStatus: string, row: RowRecord, fates: readonly (Outcome | undefined)[]): RowStatus {
  if (row.refusal_code !== null) return "refused";
  if (row.tonnes !== null && !row.issues && !row.ends_now) return "known";
  if (importStatus === "final") return "final";
  if (fates.some((fate) => fate?.status === "rejected")) return "failed";
  if (importStatus !== "running" && importStatus !== "failed") return "checked";
  const last = row.ends_now ? fates[2] : fates[1];
  return last?.status === "final" ? "final" : "pending";
}
