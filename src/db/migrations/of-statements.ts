import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** A migration that is nothing but statements, separated by semicolons, there and back. */
export function migrationOf(up: string, down: string): Migration {
  return { up: (db) => runAll(db, up), down: (db) => runAll(db, down) };
}

async function runAll(db: Kysely<unknown>, statements: string): Promise<void> {
  for (const statement of statements.split(";")) await sql.raw(statement).execute(db);
}
