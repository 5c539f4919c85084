import { createHash } from "node:crypto";
import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import { FOLDED_TABLES } from "./fold-state.js";

/** Every table of the read model, with its primary key. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  blocks: ["number"],
  events: ["block_number", "log_index"],
  ...FOLDED_TABLES,
  cursor: ["id"],
};

/** Rows read at once. */
const ROWS_AT_ONCE = 5_000;

/**
 * SHA-256 over every row of the read model: tables by name, rows by primary key, each as the database's own JSON text. Two read models
 * with the same hash hold the same rows. Text keys are ordered by bytes (see the migration), so the database does not matter.
 * @returns 0x-prefixed lower-case hexadecimal.
 */
export async function stateHash(db: Db): Promise<string> {
  const hash = createHash("sha256");
  await db
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute(async (trx) => {
      for (const [table, key] of Object.entries(TABLES).sort(([a], [b]) => (a < b ? -1 : 1))) {
        hash.update(`${table}\n`);
        for await (const row of rowsOf(trx, table, key)) hash.update(`${row}\n`);
      }
    });
  return `0x${hash.digest("hex")}`;
}

async function* rowsOf(trx: Db, table: string, key: readonly string[]): AsyncGenerator<string> {
  let last: readonly string[] | null = null;
  do {
    const page: KeyedRow[] = await pageOf(trx, table, key, last);
    for (const { row } of page) yield row;
    last = page.length < ROWS_AT_ONCE ? null : (page.at(-1)?.key ?? null);
  } while (last !== null);
}

interface KeyedRow {
  readonly row: string;
  readonly key: readonly string[];
}

async function pageOf(
  trx: Db,
  table: string,
  key: readonly string[],
  last: readonly string[] | null,
): Promise<KeyedRow[]> {
  const columns = sql.join(key.map((column) => sql.ref(`t.${column}`)));
  const texts = sql.join(key.map((column) => sql`${sql.ref(`t.${column}`)}::text`));
  const lastKey = JSON.stringify(Object.fromEntries(key.map((column, i) => [column, last?.[i]])));
  // The table's own record type gives the texts of the key their column types back.
  const after = sql`where (${columns}) > (select ${columns} from jsonb_populate_record(null::${sql.table(table)}, ${lastKey}::jsonb) t)`;
  const result = await sql<KeyedRow>`select to_jsonb(t)::text as row, array[${texts}] as key
    from ${sql.table(table)} t ${last === null ? sql`` : after} order by ${columns} limit ${sql.lit(ROWS_AT_ONCE)}`.execute(
    trx,
  );
  return result.rows;
}
