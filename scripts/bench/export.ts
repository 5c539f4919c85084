import { performance } from "node:perf_hooks";
import { sql } from "kysely";
import type { Db } from "../../src/db/connection.js";
import { encodeCsv } from "../../src/exports/csv.js";
import { columnsOf } from "../../src/history/columns.js";
import { UNKNOWN_PROJECT } from "../../src/history/names.js";
import { scanHistory } from "../../src/ledger/read/history.js";
import type { Row } from "./table.js";

const AT_ONCE = 5_000;
const SHARE = 0.5;
const TURNS = 2;
const MIB = 1_048_576;
/** What an export may take more at its end than after its first tenth. */
const MORE_MIB = 64;

/**
 * Rows a second of a CSV export of all retirements, against the database's own cursor over the same rows, in turns; and what memory grows by
 * after the first tenth.
 */
export async function exportRows(name: string, db: Db, rows: number): Promise<Row[]> {
  const [cursor, ours] = [{ ms: Infinity }, { ms: Infinity, mib: 0 }];
  for (let turn = 0; turn < TURNS; turn += 1) {
    cursor.ms = Math.min(cursor.ms, await timeOf(rows, () => readCursor(db)));
    const memory = memoryWatch(rows);
    ours.ms = Math.min(ours.ms, await timeOf(rows, () => writeCsv(db, rows, memory.see)));
    ours.mib = Math.max(ours.mib, memory.growth());
  }
  const share = cursor.ms / ours.ms;
  const rate = (ms: number): string => `${Math.round((rows * 1_000) / ms)} rows/s`;
  return [
    {
      measure: `export of ${rows} retirements as CSV, ${name}`,
      ours: rate(ours.ms),
      limit: `>= ${SHARE} x`,
      holds: share >= SHARE,
      ratio: share.toFixed(2),
      other: `${rate(cursor.ms)} read through a cursor`,
    },
    {
      measure: `its memory, after the first tenth, ${name}`,
      ours: `${Math.round(ours.mib)} MiB more`,
      limit: `<= ${MORE_MIB} MiB`,
      holds: ours.mib <= MORE_MIB,
      ratio: "",
      other: "",
    },
  ];
}

/** Milliseconds. */
async function timeOf(rows: number, work: () => Promise<number>): Promise<number> {
  const start = performance.now();
  const read = await work();
  if (read !== rows) throw new Error(`${read} rows came of ${rows}.`);
  return performance.now() - start;
}

/**
 * What is resident in the last tenth more than in the second. In the middle of the looks at it: garbage that waits to be collected comes
 * and goes.
 */
function memoryWatch(rows: number) {
  const tenths: number[][] = Array.from({ length: 10 }, () => []);
  const middleOf = (looks: readonly number[] = []): number =>
    looks.toSorted((a, b) => a - b)[Math.floor(looks.length / 2)] ?? 0;
  return {
    see(done: number): void {
      tenths[Math.floor((done * 10) / (rows + 1))]?.push(process.memoryUsage.rss());
    },
    growth: (): number => (middleOf(tenths.at(-1)) - middleOf(tenths[1])) / MIB,
  };
}

async function readCursor(db: Db): Promise<number> {
  return await db.transaction().execute(async (transaction) => {
    await sql`declare everything cursor for select * from retirements order by id`.execute(transaction);
    let count = 0;
    let fetched: number;
    do {
      fetched = (await sql`fetch ${sql.raw(String(AT_ONCE))} from everything`.execute(transaction)).rows.length;
      count += fetched;
    } while (fetched > 0);
    return count;
  });
}

async function writeCsv(db: Db, upTo: number, see: (done: number) => void): Promise<number> {
  let rows = 0;
  const pages = async function* () {
    for await (const page of scanHistory(db, "retirements", { upToBlock: BigInt(upTo) }, AT_ONCE)) {
      rows += page.length;
      yield page;
    }
  };
  const columns = columnsOf("retirements", { project: () => UNKNOWN_PROJECT, firmName: () => null });
  for await (const _ of encodeCsv(columns, pages())) see(rows);
  return rows;
}
