import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { afterAll, beforeAll, expect, it } from "vitest";

import { planRows } from "../../../src/imports/checks.js";
import { stageFile } from "../../../src/imports/staging.js";
import { pageOfRows } from "../../../src/imports/store.js";
import { testDatabase, type TestDatabase } from "../../support/database.js";
import { verraFile, type VerraRow } from "../../support/export-files.js";

/** What is refused in a file of a million rows is refused in this one; it takes a tenth of the time. */
const ROWS = 100_000;
const ROWS_AT_ONCE = 5_000;
/** The file alone has more. */
const MOST_HEAP_BYTES = 24 * 1024 * 1024;
const IMPORT = "a-large-file";

let database: TestDatabase;
let directory: string;
beforeAll(async () => {
  database = await testDatabase();
  directory = mkdtempSync(join(tmpdir(), "carbon-large-"));
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await database.close();
});

/** Blocks that lie side by side; the last one begins within the one before it. */
function rowAt(index: number): VerraRow {
  const start = 1 + index * 10 - (index === ROWS - 1 ? 1 : 0);
  return { start, tonnes: 10, series: "7700", project: String(100 + (index % 900)), total: 900_000_000 };
}

async function writeFile(path: string): Promise<void> {
  const file = createWriteStream(path);
  for (let first = 0; first < ROWS; first += ROWS_AT_ONCE) {
    const text = verraFile(Array.from({ length: ROWS_AT_ONCE }, (_, index) => rowAt(first + index)));
    const lines = first === 0 ? text : text.slice(text.indexOf("\n") + 1);
    if (!file.write(lines)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

it(`given ${ROWS} rows with the error in the last, it should name that one, and hold few rows in memory`, async () => {
  const path = join(directory, "export.csv");
  await writeFile(path);
  const { db } = database;
  const before = heapBytes();
  let most = 0;
  let looks = 0;
  const staged = await stageFile(db, IMPORT, "verra", { path, encoding: "utf-8" }, async () => {
    looks += 1;
    if (looks % 10 === 0) most = Math.max(most, heapBytes() - before);
  });
  const terms = { importId: IMPORT, ownerId: 1, account: "0xA", registrar: "0xB" };
  const tally = await planRows(db, terms);
  const refused = await pageOfRows(db, IMPORT, true, { limit: 10 });

  expect(staged.rows).toBe(BigInt(ROWS));
  expect(tally).toMatchObject({ rows: BigInt(ROWS), refused: 1n });
  expect(refused.items.map(({ line, refusal_code: code }) => ({ line, code }))).toEqual([
    { line: BigInt(ROWS + 1), code: "overlap" },
  ]);
  expect(most).toBeLessThan(MOST_HEAP_BYTES);
}, 120_000);
