import { performance } from "node:perf_hooks";
import { ZeroAddress } from "ethers";
import type { Db } from "../../src/db/connection.js";
import { holdingsAt, momentOf } from "../../src/ledger/read/as-of.js";
import { listHistory, readTotals } from "../../src/ledger/read/history.js";
import type { HistoryFilter, HistorySort } from "../../src/ledger/read/history-types.js";
import { serialLife } from "../../src/ledger/read/serial-life.js";
import { unitStatement } from "../../src/ledger/read/unit-statement.js";
import {
  accountOf,
  batchOf,
  BENEFICIARIES,
  FIRMS,
  FIRST_TIME,
  PROJECTS,
  SECONDS_BETWEEN,
  serialOf,
} from "./audit-dataset.js";
import type { Row } from "./table.js";

const WARM_UP = 20;
const ROUNDS = 300;
const LIMIT = 2;
const PAGE = { limit: 50 };
/** Lines of an account statement; a page shows them all. */
const LINES = 20;

/** @param i the retirement that the question is about */
type Question = (db: Db, i: number) => Promise<readonly unknown[]>;

const timeOf = (i: number): bigint => BigInt(FIRST_TIME + i * SECONDS_BETWEEN);
const page =
  (filterOf: (i: number) => HistoryFilter, sort: HistorySort = "newest"): Question =>
  async (db, i) =>
    (await listHistory(db, "retirements", filterOf(i), sort, PAGE)).items;

/** What is asked most. */
const QUESTIONS: Readonly<Record<string, Question>> = {
  "of a project": page((i) => ({ projects: [`PROJECT-${i % PROJECTS}`] })),
  "of a firm": page((i) => ({ participantId: 1 + (i % FIRMS) })),
  "of a day": page((i) => ({ fromTime: timeOf(i) - 86_400n, toTime: timeOf(i) })),
  "for a name": page((i) => ({ beneficiaryWords: ["cong", "ty", `n${i}`] })),
  "with a word": page((i) => ({ words: [`city${i % BENEFICIARIES}`] })),
  "for an identifier": page((i) => ({ beneficiaryId: `ID${i}` })),
  "largest of a vintage": page((i) => ({ vintage: 2015 + (i % 10) }), "-tonnes"),
  "by month": (db, i) => readTotals(db, "retirements", { projects: [`PROJECT-${i % PROJECTS}`] }, "month"),
  "life of a tonne": async (db, i) => (await serialLife(db, batchOf(i), serialOf(i), ZeroAddress))?.steps ?? [],
  async statement(db, i) {
    const span = { from: timeOf(i - LINES * FIRMS), to: timeOf(i) };
    return (await unitStatement(db, { account: accountOf(i), ...span, ...PAGE })).lines.items;
  },
  async "holdings as of"(db, i) {
    return (await holdingsAt(db, await momentOf(db, { at: timeOf(i) }), { account: accountOf(i) }, PAGE)).items;
  },
};

export interface History {
  readonly db: Db;
  readonly rows: number;
}

/** Milliseconds that each question took, by its name. */
type Times = Map<string, number[]>;

/**
 * p99 of an audit's questions in a small history against that in a large one, in turns. Two rows: all questions together, and the one that
 * grew most.
 */
export async function compareHistories(name: string, small: History, large: History): Promise<Row[]> {
  const sides = [small, large].map((history) => ({ ...history, times: new Map<string, number[]>() }));
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    for (const [question, ask] of Object.entries(QUESTIONS)) {
      // In turns, so that whatever else the machine does falls on both.
      for (const { db, rows, times } of sides) {
        const began = performance.now();
        const answer = await ask(db, 1 + (((round + WARM_UP) * 7_919) % rows));
        const spent = performance.now() - began;
        if (answer.length === 0) throw new Error(`Nothing was found: ${question}`);
        if (round >= 0) times.set(question, [...(times.get(question) ?? []), spent]);
      }
    }
  }
  const [few, many] = sides.map(({ times }) => times);
  if (few === undefined || many === undefined) throw new RangeError("There are two sides");
  return rowsOf(`${name}, ${large.rows} retirements against ${small.rows}`, few, many);
}

function rowsOf(where: string, few: Times, many: Times): Row[] {
  const all = (times: Times): number[] => [...times.values()].flat();
  const growths = Object.keys(QUESTIONS).map((question) => {
    const [before, after] = [few, many].map((times) => quantile(times.get(question) ?? [], 0.5));
    return { question, before: before ?? 0, after: after ?? 0 };
  });
  const [most] = growths.toSorted((a, b) => b.after / b.before - a.after / a.before);
  if (most === undefined) throw new RangeError("Nothing was asked");
  return [
    rowOf(
      `p99 of an audit's ${growths.length} questions, ${where}`,
      quantile(all(few), 0.99),
      quantile(all(many), 0.99),
    ),
    rowOf(`median of the one that grew most ("${most.question}"), ${where}`, most.before, most.after),
  ];
}

function rowOf(measure: string, before: number, after: number): Row {
  const ratio = after / before;
  return {
    measure,
    ours: `${after.toFixed(2)} ms`,
    limit: `<= ${LIMIT} x`,
    holds: ratio <= LIMIT,
    ratio: ratio.toFixed(2),
    other: `${before.toFixed(2)} ms`,
  };
}

function quantile(times: readonly number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? 0;
}
