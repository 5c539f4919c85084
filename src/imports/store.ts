import { sql, type Selectable } from "kysely";

import type { Db } from "../db/connection.js";
import type { ImportProjectsTable, ImportRowsTable, ImportsTable, ImportStatus } from "../db/import-tables.js";
import { readPage, type Page, type PageRequest } from "../ledger/read/page.js";

export type ImportRecord = Selectable<ImportsTable>;
export type RowRecord = Selectable<ImportRowsTable>;
export type ProjectRecord = Selectable<ImportProjectsTable>;

/** A period for which a statement is to be made, with the ledger's statement before it. */
export interface PeriodRecord {
  readonly project: string;
  readonly period_start: number;
  readonly period_end: number;
  readonly tonnes: bigint;
  readonly previous_id: string | null;
  readonly previous_start: bigint | null;
}

/** A row with the statement of its period. */
export type PlannedRow = RowRecord & { readonly statement_id: string | null };

export async function findImport(db: Db, id: string): Promise<ImportRecord | undefined> {
  return db.selectFrom("imports").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Hash of the last block that the ledger has read; null before the first. */
export async function lastBlock(db: Db): Promise<string | null> {
  const row = await db.selectFrom("cursor").select("block_hash").executeTakeFirst();
  return row?.block_hash ?? null;
}

export async function listImports(
  db: Db,
  filter: { readonly ownerId?: number | undefined; readonly status?: ImportStatus | undefined },
  request: PageRequest,
): Promise<Page<ImportRecord>> {
  let query = db.selectFrom("imports").selectAll();
  if (filter.ownerId !== undefined) query = query.where("owner_id", "=", filter.ownerId);
  if (filter.status !== undefined) query = query.where("status", "=", filter.status);
  return readPage(query, [{ column: "seq", kind: "int8" }], "desc", request, (row) => row);
}

/** Changes an import, when it has one of the statuses. @returns false when it had another. */
export async function moveImport(
  db: Db,
  id: string,
  from: readonly ImportStatus[],
  change: Partial<Omit<ImportRecord, "id" | "seq" | "problem">> & { readonly problem?: string | null },
): Promise<boolean> {
  const changed = await db
    .updateTable("imports")
    .set({ ...change, updated_at: sql`now()` })
    .where("id", "=", id)
    .where("status", "in", from)
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}

export async function pageOfRows(
  db: Db,
  importId: string,
  isRefusedOnly: boolean,
  request: PageRequest,
): Promise<Page<RowRecord>> {
  let query = db.selectFrom("import_rows").selectAll().where("import_id", "=", importId);
  if (isRefusedOnly) query = query.where("refusal_code", "is not", null);
  return readPage(query, [{ column: "number", kind: "int8" }], "asc", request, (row) => row);
}

export function projectsAfter(db: Db, importId: string, code: string, limit: number): Promise<ProjectRecord[]> {
  return db
    .selectFrom("import_projects")
    .selectAll()
    .where("import_id", "=", importId)
    .where("code", ">", code)
    .orderBy("code")
    .limit(limit)
    .execute();
}

/** Periods without a statement of the ledger, in the order of projects and days. @param after Project and first day of the last one. */
export async function periodsAfter(
  db: Db,
  importId: string,
  after: { readonly project: string; readonly start: number },
  limit: number,
): Promise<PeriodRecord[]> {
  const { rows } = await sql<PeriodRecord>`
    select p.project, p.period_start, p.period_end, p.tonnes, s.id as previous_id, s.period_start as previous_start
    from import_periods p
    left join lateral (
      select id, period_start from statements s
      where s.project_code = p.project and s.period_start < p.period_start order by s.period_start desc limit 1) s on true
    where p.import_id = ${importId} and p.existing_id is null
      and (p.project, p.period_start) > (${after.project}, ${after.start}::int4)
    order by p.project, p.period_start limit ${limit}`.execute(db);
  return rows;
}

/** Writes down which statements the periods have. */
export async function keepStatements(
  db: Db,
  importId: string,
  kept: readonly { readonly project: string; readonly start: number; readonly id: string }[],
): Promise<void> {
  await sql`
    update import_periods p set statement_id = k.id
    from json_to_recordset(${JSON.stringify(kept)}::text::json) as k(project text, start int4, id text)
    where p.import_id = ${importId} and p.project = k.project and p.period_start = k.start`.execute(db);
}

/** Rows in the order in which they are sent. */
export async function plannedAfter(
  db: Db,
  importId: string,
  what: "propose" | "approve" | "end",
  place: bigint,
  limit: number,
): Promise<PlannedRow[]> {
  const which = {
    propose: sql<boolean>`r.issues and not r.is_proposed`,
    approve: sql<boolean>`r.issues`,
    end: sql<boolean>`r.ends_now`,
  }[what];
  const { rows } = await sql<PlannedRow>`
    select r.*, coalesce(p.existing_id, p.statement_id) as statement_id
    from import_rows r
    left join import_periods p on p.import_id = r.import_id and p.project = r.project and p.period_start = r.period_from
    where r.import_id = ${importId} and r.place > ${place}::int8 and ${which}
    order by r.place limit ${limit}`.execute(db);
  return rows;
}

/** How many acts each phase has, in the order of `PHASES`. */
export async function countActs(db: Db, importId: string): Promise<readonly bigint[]> {
  const { rows } = await sql<Record<"projects" | "statements" | "proposals" | "approvals" | "ends", bigint>>`
    select (select count(*) from import_projects where import_id = ${importId}) as projects,
      (select count(*) from import_periods where import_id = ${importId} and existing_id is null) as statements,
      count(*) filter (where issues and not is_proposed) as proposals, count(*) filter (where issues) as approvals,
      count(*) filter (where ends_now) as ends
    from import_rows where import_id = ${importId}`.execute(db);
  const [row] = rows;
  return row === undefined ? [] : [row.projects, row.statements, row.proposals, row.approvals, row.ends];
}
