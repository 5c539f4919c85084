import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { acquireProcessLock, type ProcessLock } from "../process-lock.js";
import { CopyingClient } from "./copying-client.js";
import { PreparingPGliteDialect } from "./pglite-driver.js";
import { openInThisThread } from "./pglite-engine.js";
import { openInOwnThread } from "./pglite-thread.js";
import type { Database } from "./schema.js";

/** PostgreSQL's type numbers of its wide integers; both drivers hand them back as `bigint`, never as a number that rounds. */
const INT8 = 20;
/** Our `numeric` columns, and sums of integers, have no fraction; a value that has one (an average) stays text. */
const NUMERIC = 1700;

function toInteger(text: string): bigint | string {
  return /^-?\d+$/.test(text) ? BigInt(text) : text;
}

/** The most connections that one process opens to a PostgreSQL server. */
const POOL_SIZE = 10;

/** How long, in milliseconds, a request may wait for a connection before the database counts as unavailable. */
const CONNECT_TIMEOUT = 5_000;

export type Db = Kysely<Database>;

/** Whatever runs statements that are written in SQL: the database, a transaction, a pipeline inside one. */
export type Session = Pick<Db, "getExecutor">;

export interface OpenDatabase {
  readonly db: Db;
  readonly kind: "pglite" | "postgres";
  /** Resolves when the database answers; throws otherwise. */
  ping(): Promise<void>;
  /** Waits for what is under way, then closes. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** A PostgreSQL URL; unset: PGlite. */
  readonly url?: string | undefined;
  /** Where PGlite keeps its files; unset: in memory, for tests. */
  readonly dataDir?: string | undefined;
  /** Told about a lost idle connection of the pool, which heals by itself. */
  readonly onConnectionError?: (error: Error) => void;
}

/**
 * Opens the database that the settings name. On PGlite there is one connection: inside a transaction use the transaction's
 * object only, since the outer one waits for the transaction to end.
 * @throws ProcessLockedError when another living process has the PGlite directory open.
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  return options.url === undefined ? openPGlite(options.dataDir) : openPostgres(options.url, options.onConnectionError);
}

async function openPGlite(dataDir: string | undefined): Promise<OpenDatabase> {
  let lock: ProcessLock | undefined;
  let directory: string | undefined;
  if (dataDir !== undefined) {
    mkdirSync(dataDir, { recursive: true });
    directory = join(dataDir, "database");
    lock = acquireProcessLock(`${directory}.lock`);
  }
  try {
    // In memory it is for tests, which open many and ask little of each.
    const engine = await (directory === undefined ? openInThisThread() : openInOwnThread(directory));
    const parsers = { [INT8]: toInteger, [NUMERIC]: toInteger };
    const db = new Kysely<Database>({ dialect: new PreparingPGliteDialect(engine, parsers) });
    return {
      db,
      kind: "pglite",
      ping: () => ping(db),
      async close() {
        try {
          await db.destroy();
          if (!engine.isClosed) await engine.close();
        } finally {
          lock?.release();
        }
      },
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
}

function openPostgres(url: string, onConnectionError: (error: Error) => void = () => undefined): OpenDatabase {
  const pool = new pg.Pool({
    Client: CopyingClient,
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
  });
  pool.on("error", onConnectionError);
  // The pool listens to idle connections only. One that is lost while it is lent out, between two statements of a transaction, would
  // end the process: whoever has it learns of the loss from the next statement.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return { db, kind: "postgres", ping: () => ping(db), close: () => db.destroy() };
}

const driverParser = pg.types.getTypeParser as (oid: number, format?: "text" | "binary") => unknown;

/** The driver's own parser for every type but the wide integers. */
function parserOf(oid: number, format?: "text" | "binary"): unknown {
  return oid === INT8 || oid === NUMERIC ? toInteger : driverParser(oid, format);
}

async function ping(db: Db): Promise<void> {
  await sql`select 1`.execute(db);
}

/** SQLSTATE classes and codes that say "not now": connection trouble, shutdown, resources, no such server or database yet. */
const UNAVAILABLE_STATES = /^(08...|53...|57P0[1-4]|3D000|28...)$/;
const UNAVAILABLE_SYSTEM_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "EHOSTUNREACH",
]);
const UNAVAILABLE_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|driver has already been destroyed|PGlite is clos|Client has encountered a connection error/;

/** True when the error says that the database cannot be reached, as opposed to a query that is wrong. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (UNAVAILABLE_STATES.test(code) || UNAVAILABLE_MESSAGES.test(error.message)) return true;
  if (UNAVAILABLE_SYSTEM_CODES.has(code)) return true;
  return error instanceof AggregateError && error.errors.some(isDatabaseUnavailable);
}
