import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const TABLES = ["transfers", "retirements", "cancellations"] as const;

/** `events` knows what a transaction did; nobody asks these tables, and a hash has its place in an index anywhere, which makes it dear. */
export const unaskedIndexesMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const table of TABLES) await db.schema.dropIndex(`${table}_tx_hash`).execute();
  },

  async down(db: Kysely<unknown>): Promise<void> {
    for (const table of TABLES) {
      await sql`create index ${sql.ref(`${table}_tx_hash`)} on ${sql.table(table)} (tx_hash)`.execute(db);
    }
  },
};
