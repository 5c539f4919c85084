import { sql } from "kysely";

import type { Db } from "./connection.js";

/** A table is worn when it has more old versions of rows than this, */
const FEWEST = 1_000;
/** and than this share of its rows. Each vacuum reads every index whole: the rarer it is, the less a row pays for it. */
const SHARE = 0.5;

/**
 * Clears tables of the old versions of their rows, as PostgreSQL does in the background and PGlite never does by itself: without it, who
 * asks for the head of a queue walks over all that ever was in it. One table after the other: the statements of others go in between.
 */
export async function vacuumWorn(db: Db): Promise<void> {
  // The engine counts at once, and tells when it has time: which, with one session, it never has.
  await sql`select pg_stat_force_next_flush()`.execute(db);
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relkind = 'r' and relnamespace = current_schema()::regnamespace
      and pg_stat_get_dead_tuples(oid) > ${FEWEST}::int + ${SHARE}::float8 * pg_stat_get_live_tuples(oid)`.execute(db);
  for (const { name } of rows) await sql`vacuum ${sql.table(name)}`.execute(db);
}
