import type { Migration } from "kysely/migration";

/** What this database is about: the identity of the chain and of the ledger that its rows come from. */
export const metaMigration: Migration = {
  async up(db) {
    await db.schema
      .createTable("meta")
      .addColumn("key", "text", (column) => column.primaryKey())
      .addColumn("value", "text", (column) => column.notNull())
      .execute();
  },
  async down(db) {
    await db.schema.dropTable("meta").execute();
  },
};
