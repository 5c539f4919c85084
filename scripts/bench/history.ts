import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openDatabase, type OpenDatabase } from "../../src/db/connection.js";
import { migrateDatabase } from "../../src/db/migrate.js";
import { makePostgresDatabase } from "../../test/support/database.js";
import { fillAround, fillRetirements } from "./audit-dataset.js";
import { compareHistories } from "./audit-queries.js";
import { exportRows } from "./export.js";
import { startPostgres } from "./postgres.js";
import type { Row } from "./table.js";

const SMALL = 10_000;
/** `BENCH_ROWS` makes the large history smaller. */
const LARGE = Number(process.env["BENCH_ROWS"] || 1_000_000);

/** What a history of 1,000,000 retirements costs its readers: an audit's questions, and a whole export; on both databases. */
export async function historyRows(): Promise<Row[]> {
  const rows = await measure("PGlite", openOwnPGlite);
  const server = await startPostgres();
  if (server === null) return [...rows, NO_POSTGRES];
  try {
    return [...rows, ...(await measure("PostgreSQL", () => openOwnPostgres(server.url)))];
  } finally {
    await server.stop();
  }
}

const NO_POSTGRES: Row = {
  measure: "the same on PostgreSQL",
  ours: "not measured",
  limit: "",
  holds: true,
  ratio: "",
  other: "no server is installed, and TEST_DATABASE_URL names none",
};

async function measure(name: string, open: () => Promise<OpenDatabase>): Promise<Row[]> {
  const [small, large] = [await filled(open, SMALL), await filled(open, LARGE)];
  try {
    const questions = await compareHistories(name, { db: small.db, rows: SMALL }, { db: large.db, rows: LARGE });
    return [...questions, ...(await exportRows(name, large.db, LARGE))];
  } finally {
    await small.close();
    await large.close();
  }
}

async function filled(open: () => Promise<OpenDatabase>, rows: number): Promise<OpenDatabase> {
  const database = await open();
  await migrateDatabase(database.db);
  await fillRetirements(database.db, rows);
  await fillAround(database.db, rows);
  return database;
}

/** As the service has it: on disk, in a thread of its own. */
async function openOwnPGlite(): Promise<OpenDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), "bench-pglite-"));
  const database = await openDatabase({ dataDir });
  return {
    ...database,
    async close() {
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function openOwnPostgres(server: string): Promise<OpenDatabase> {
  const made = await makePostgresDatabase(server);
  const database = await openDatabase({ url: made.url });
  return {
    ...database,
    async close() {
      await database.close();
      await made.drop();
    },
  };
}
