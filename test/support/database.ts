import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import pg from "pg";
import { describe } from "vitest";
import { openDatabase, type OpenDatabase } from "../../src/db/connection.js";
import { migrateDatabase } from "../../src/db/migrate.js";

export type TestDatabase = OpenDatabase;

/** A migrated, empty database of its own: PGlite in memory, or a fresh database on the server that `url` names. Close it when done. */
export async function testDatabase(url?: string): Promise<TestDatabase> {
  const database = url === undefined ? await freshPGlite() : await freshPostgres(url);
  await migrateDatabase(database.db);
  return database;
}

/** Engines that a test has finished with. Starting one takes seconds, emptying it milliseconds. */
const idle: OpenDatabase[] = [];

async function freshPGlite(): Promise<OpenDatabase> {
  const database = idle.pop() ?? (await openDatabase({}));
  return {
    ...database,
    async close() {
      await sql`drop schema public cascade`.execute(database.db);
      await sql`create schema public`.execute(database.db);
      idle.push(database);
    },
  };
}

/**
 * Runs a block of tests on PGlite, and on PostgreSQL too when `TEST_DATABASE_URL` names a server (and a user that may create
 * databases). `open` gives a migrated, empty database; the test closes it.
 */
export function describeEachDatabase(name: string, block: (open: () => Promise<TestDatabase>) => void): void {
  describe(`${name} (PGlite)`, () => block(() => testDatabase()));
  const url = process.env["TEST_DATABASE_URL"];
  if (url !== undefined && url !== "") describe(`${name} (PostgreSQL)`, () => block(() => testDatabase(url)));
}

async function freshPostgres(url: string): Promise<OpenDatabase> {
  const made = await makePostgresDatabase(url);
  const database = await openDatabase({ url: made.url });
  return {
    ...database,
    async close() {
      await database.close();
      await made.drop();
    },
  };
}

/** An empty database of its own on the server that `url` names. */
export async function makePostgresDatabase(url: string): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await runOnServer(url, `create database ${name}`);
  const target = new URL(url);
  target.pathname = `/${name}`;
  return { url: target.toString(), drop: () => runOnServer(url, `drop database if exists ${name} with (force)`) };
}

async function runOnServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
