import { performance } from "node:perf_hooks";
import { sql } from "kysely";
import type { Db } from "../../src/db/connection.js";
import { encodeCsv } from "../../src/exports/csv.js";
import { columnsOf } from "../../src/history/columns.js";
import { UNKNOWN_PROJECT } from "../../src/history/names.js";
import { scanHistory } from "../../src/ledger/read/history.js";
import { testDatabase } from "../../test/support/database.js";
import { fillRetirements } from "./audit-dataset.js";
import type { Row } from "./table.js";

/** `BENCH_ROWS` makes the history smaller. */
const ROWS = Math.min(200_000, Number(process.env["BENCH_ROWS"] || 200_000));
const AT_ONCE = 5_000;
const SHARE = 0.25;
const MIB = 1_048_576;

/** Rows a second of a CSV export, against the database's own cursor over the same rows in the same run; and the memory it takes. */
export async function exportRows(): Promise<Row[]> {
  const database = await testDatabase();
  try {
    const { db } = database;
    await fillRetirements(db, 1, ROWS);
    const cursor = await rate(() => readCursor(db));
    const before = process.memoryUsage().rss;
    let peak = before;
    const ours = await rate(() =>
      writeCsv(db, () => {
        peak = Math.max(peak, process.memoryUsage().rss);
      }),
    );
    const share = ours / cursor;
    return [
      {
        measure: `export of ${ROWS} retirements as CSV`,
        ours: `${Math.round(ours)} rows/s, ${Math.round((peak - before) / MIB)} MiB more`,
        limit: `>= ${SHARE} x`,
        holds: share >= SHARE,
        ratio: share.toFixed(2),
        other: `${Math.round(cursor)} rows/s read through a cursor`,
      },
    ];
  } finally {
    await database.close();
  }
}

async function rate(work: () => Promise<number>): Promise<number> {
  const start = performance.now();
  const rows = await work();
  if (rows !== ROWS) throw new Error(`${rows} rows came of ${ROWS}.`);
  return (rows * 1_000) / (performance.now() - start);
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

async function writeCsv(db: Db, measure: () => void): Promise<number> {
  let rows = 0;
  const pages = async function* () {
    for await (const page of scanHistory(db, "retirements", { upToBlock: BigInt(ROWS) }, AT_ONCE)) {
      rows += page.length;
      yield page;
    }
  };
  const columns = columnsOf("retirements", { project: () => UNKNOWN_PROJECT, firmName: () => null });
  for await (const _ of encodeCsv(columns, pages())) measure();
  return rows;
}
