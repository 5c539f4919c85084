import type { Insertable } from "kysely";

import type { Db } from "../db/connection.js";
import { copyRows } from "../db/copy.js";
import type { ImportRegistry, ImportRowsTable } from "../db/import-tables.js";
import { Problem } from "../errors.js";
import { readCsv, type CsvRecord, type Encoding } from "./csv.js";
import type { ForeignBlock } from "./foreign-serials.js";
import { layoutOf, normalised, type Cells, type Layout, type ReadRow } from "./layouts.js";
import { RowRefusal } from "./values.js";

/** Rows in one statement of the database. */
const CHUNK = 2_000;
/** Projects whose record is known to stand at an earlier row, at most: what is in memory must not grow with the file. */
const PROJECTS_KEPT = 10_000;

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
  const read = rowReader(layout, header);

  let rows = 0n;
  let chunk: object[] = [];
  const flush = async (): Promise<void> => {
    if (chunk.length === 0) return;
    const written = chunk;
    chunk = [];
    await copyRows(db, "import_rows", written);
    await onProgress(rows);
  };
  for await (const record of records) {
    rows += 1n;
    chunk.push({ import_id: importId, number: rows, line: record.line, ...read(record) });
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

/** What is staged of a record: what it says, or why it cannot be taken. Every row has the same columns. */
function rowReader(layout: Layout, header: readonly string[]): (record: CsvRecord) => StagedRow {
  const places = new Map(header.map((name, place) => [name, place]));
  const projects = new Set<string>();

  /** Only the first row of a project carries the project's record. */
  function isFirst(project: string): boolean {
    if (projects.has(project)) return false;
    if (projects.size >= PROJECTS_KEPT) projects.clear();
    projects.add(project);
    return true;
  }

  return ({ cells }) => {
    try {
      if (cells.length !== header.length) {
        throw new RowRefusal("columns-mismatch", `The row has ${cells.length} cells, the header ${header.length}.`);
      }
      if (!cells.every(isStorableText))
        throw new RowRefusal("text-invalid", "The row has a zero character or half of a character.");
      const cell: Cells = (column) => cells[places.get(column) ?? -1]?.trim() ?? "";
      const row = columnsOf(layout.read(cell));
      return { ...row, project_source: isFirst(row.project ?? "") ? row.project_source : null };
    } catch (error) {
      if (!(error instanceof RowRefusal)) throw error;
      return { ...NOTHING, refusal_code: error.code, refusal: error.message };
    }
  };
}

function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

type StagedRow = Partial<Omit<Insertable<ImportRowsTable>, "project_source" | "source">> & {
  readonly project_source: object | null;
  readonly source: object | null;
};

const NOTHING: StagedRow = {
  project: null,
  project_name: null,
  project_source: null,
  project_target: null,
  period_start: null,
  period_end: null,
  vintage: null,
  tonnes: null,
  verified: null,
  programme: null,
  series: null,
  serial_start: null,
  serial_end: null,
  issued_on: null,
  ends: null,
  ended_on: null,
  beneficiary: null,
  reason: null,
  note: null,
  source: null,
  refusal_code: null,
  refusal: null,
  issues: false,
  ends_now: false,
  batch: null,
  batch_start: null,
};

/** As long as the ledger says nothing else, units are issued and, when they ended, retired or cancelled: see `planRows`. */
function columnsOf(row: ReadRow): StagedRow {
  if (row.kind === "project") {
    return { ...NOTHING, project: row.project, project_source: row.projectSource, project_target: row.target };
  }
  const { block } = row;
  return {
    ...NOTHING,
    project: row.project,
    project_name: row.projectName,
    project_source: row.projectSource,
    project_target: "registered",
    period_start: row.periodStart,
    period_end: row.periodEnd,
    vintage: row.vintage,
    tonnes: row.tonnes,
    verified: row.verified,
    programme: block?.programme ?? null,
    series: block?.series ?? null,
    serial_start: block?.start ?? null,
    serial_end: block?.end ?? null,
    issued_on: row.issuedOn,
    ends: row.ends,
    ended_on: row.endedOn,
    beneficiary: row.beneficiary,
    reason: row.reason,
    note: row.note,
    source: row.source,
    issues: true,
    ends_now: row.ends !== null,
    batch: block === null ? null : batchCodeOf(block),
    batch_start: 1n,
  };
}

/** A new batch is named by its series and first serial. */
function batchCodeOf({ programme, series, start }: ForeignBlock): string {
  return `${programme}-${series}-${start}`;
}

/** Forgets what was read. */
export async function clearStaged(db: Db, importId: string): Promise<void> {
  for (const table of ["import_rows", "import_projects", "import_periods"] as const) {
    await db.deleteFrom(table).where("import_id", "=", importId).execute();
  }
}
