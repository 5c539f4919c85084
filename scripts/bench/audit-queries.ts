import { performance } from "node:perf_hooks";
import { listHistory } from "../../src/ledger/read/history.js";
import type { HistoryFilter, HistorySort } from "../../src/ledger/read/history-types.js";
import type { Db, OpenDatabase } from "../../src/db/connection.js";
import { testDatabase } from "../../test/support/database.js";
import { fillRetirements, FIRMS, PROJECTS } from "./audit-dataset.js";
import type { Row } from "./table.js";

const SMALL = 10_000;
/** `BENCH_ROWS` makes the large history smaller. */
const LARGE = Number(process.env["BENCH_ROWS"] || 1_000_000);
const ROUNDS = 300;
const LIMIT = 2;

type Question = (n: number, rows: number) => readonly [HistoryFilter, HistorySort];

/** What is asked most: each stays on the order of one index. */
const QUESTIONS: Readonly<Record<string, Question>> = {
  newest: () => [{}, "newest"],
  project: (n) => [{ projects: [`PROJECT-${n % PROJECTS}`] }, "newest"],
  firm: (n) => [{ participantId: 1 + (n % FIRMS) }, "newest"],
  vintage: (n) => [{ vintage: 2015 + (n % 10) }, "newest"],
  words: (n, rows) => [{ words: [`n${1 + ((n * 31) % rows)}`] }, "newest"],
  days: (n, rows) => [{ fromTime: 1_700_000_000n, toTime: BigInt(1_700_000_000 + ((n * 97) % rows)) }, "newest"],
  tonnes: () => [{}, "-tonnes"],
};

/** p99 of history's pages at 10,000 and at 1,000,000 retirements, in one run, on each database that there is. */
export async function auditQueryRows(): Promise<Row[]> {
  const url = process.env["TEST_DATABASE_URL"];
  const rows = [await compare("PGlite", await testDatabase())];
  if (url !== undefined && url !== "") rows.push(await compare("PostgreSQL", await testDatabase(url)));
  return rows;
}

async function compare(name: string, database: OpenDatabase): Promise<Row> {
  try {
    const { db } = database;
    await fillRetirements(db, 1, SMALL);
    const small = await p99(db, SMALL);
    await fillRetirements(db, SMALL + 1, LARGE);
    const large = await p99(db, LARGE);
    const ratio = large / small;
    return {
      measure: `history, p99 of a page of ${LARGE} retirements, ${name}`,
      ours: `${large.toFixed(2)} ms`,
      limit: `<= ${LIMIT} x`,
      holds: ratio <= LIMIT,
      ratio: ratio.toFixed(2),
      other: `${small.toFixed(2)} ms of ${SMALL}`,
    };
  } finally {
    await database.close();
  }
}

async function p99(db: Db, rows: number): Promise<number> {
  const times: number[] = [];
  for (let n = -20; n < ROUNDS; n += 1) {
    for (const question of Object.values(QUESTIONS)) {
      const [filter, sort] = question(n + 20, rows);
      const start = performance.now();
      await listHistory(db, "retirements", filter, sort, { limit: 50 });
      if (n >= 0) times.push(performance.now() - start);
    }
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;
}
