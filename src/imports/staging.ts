import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import type { ImportRegistry } from "../db/import-tables.js";
import { jsonText } from "../db/json.js";
import { isStorable } from "../documents.js";
import { Problem } from "../errors.js";
import { readCsv, type CsvRecord, type Encoding } from "./csv.js";
import { layoutOf, normalised, type Cells, type Layout, type ReadRow } from "./layouts.js";
import { RowRefusal } from "./values.js";

/** Rows in one statement of the database. */
const CHUNK = 500;

export interface Staged {
  readonly layout: string;
  readonly rows: bigint;
}

/**
 * Reads a file row by row into `import_rows`; a row that cannot be read stands there with the reason. What is in memory does not grow with
 * the file.
 * @throws Problem `import-layout-unknown`, `import-file-invalid`
 */
export async function stageFile(
  db: Db,
  importId: string,
  registry: ImportRegistry,
  file: { readonly path: string; readonly encoding: Encoding },
  onProgress: (rows: bigint) => Promise<void>,
): Promise<Staged> {
  const records = readCsv(file.path, file.encoding);
  const first = await records.next();
  if (first.done === true) throw new Problem("import-file-invalid", "The file is empty.");
  const header = first.value.cells.map(normalised);
  const layout = requireLayout(registry, header);

  let rows = 0n;
  let chunk: object[] = [];
  const flush = async (): Promise<void> => {
    if (chunk.length === 0) return;
    await insertRows(db, importId, chunk);
    chunk = [];
    await onProgress(rows);
  };
  for await (const record of records) {
    rows += 1n;
    chunk.push({ number: rows, line: record.line, ...stagedRow(layout, header, record) });
    if (chunk.length >= CHUNK) await flush();
  }
  await flush();
  if (rows === 0n) throw new Problem("import-file-invalid", "The file has a header, and no rows.");
  return { layout: layout.name, rows };
}

/** @throws Problem `import-layout-unknown` */
function requireLayout(registry: ImportRegistry, header: readonly string[]): Layout {
  const twice = header.find((name, place) => name !== "" && header.indexOf(name) !== place);
  if (twice !== undefined) throw new Problem("import-layout-unknown", `Line 1: the column "${twice}" is there twice.`);
  const layout = layoutOf(registry, header);
  if ("read" in layout) return layout;
  const missing = layout.missing.slice(0, 5).join(", ");
  throw new Problem(
    "import-layout-unknown",
    `Line 1: next to ${layout.nearest}, these columns are missing: ${missing}.`,
  );
}

function stagedRow(layout: Layout, header: readonly string[], { cells }: CsvRecord): object {
  try {
    if (cells.length !== header.length) {
      throw new RowRefusal("columns-mismatch", `The row has ${cells.length} cells, the header ${header.length}.`);
    }
    if (!isStorable(cells))
      throw new RowRefusal("text-invalid", "The row has a zero character or half of a character.");
    const cell: Cells = (column) => cells[header.indexOf(column)]?.trim() ?? "";
    return columnsOf(layout.read(cell));
  } catch (error) {
    if (!(error instanceof RowRefusal)) throw error;
    return { refusal_code: error.code, refusal: error.message };
  }
}

function columnsOf(row: ReadRow): object {
  if (row.kind === "project") {
    return { project: row.project, project_source: row.projectSource, project_target: row.target };
  }
  return {
    project: row.project,
    project_name: row.projectName,
    project_source: row.projectSource,
    project_target: "registered",
    period_start: row.periodStart,
    period_end: row.periodEnd,
    vintage: row.vintage,
    tonnes: row.tonnes,
    verified: row.verified,
    programme: row.block?.programme,
    series: row.block?.series,
    serial_start: row.block?.start,
    serial_end: row.block?.end,
    issued_on: row.issuedOn,
    ends: row.ends,
    ended_on: row.endedOn,
    beneficiary: row.beneficiary,
    reason: row.reason,
    note: row.note,
    source: row.source,
  };
}

async function insertRows(db: Db, importId: string, rows: readonly object[]): Promise<void> {
  // One parameter whatever the number of rows: both drivers are slow with thousands of them.
  await sql`
    insert into import_rows (import_id, number, line, project, project_name, project_source, project_target, period_start, period_end,
      vintage, tonnes, verified, programme, series, serial_start, serial_end, issued_on, ends, ended_on, beneficiary, reason, note, source,
      refusal_code, refusal)
    select ${importId}, number, line, project, project_name, project_source, project_target, period_start, period_end,
      vintage, tonnes, verified, programme, series, serial_start, serial_end, issued_on, ends, ended_on, beneficiary, reason, note, source,
      refusal_code, refusal
    from json_to_recordset(${jsonText(rows)}::text::json)
      as row(number int8, line int8, project text, project_name text, project_source jsonb, project_target text, period_start int4,
        period_end int4, vintage int4, tonnes numeric, verified numeric, programme text, series text, serial_start int8, serial_end int8,
        issued_on int4, ends text, ended_on int4, beneficiary text, reason text, note text, source jsonb, refusal_code text, refusal text)
    on conflict do nothing`.execute(db);
}

/** Forgets what was read. */
export async function clearStaged(db: Db, importId: string): Promise<void> {
  for (const table of ["import_rows", "import_projects", "import_periods"] as const) {
    await db.deleteFrom(table).where("import_id", "=", importId).execute();
  }
}
