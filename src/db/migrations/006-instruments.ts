import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Definitions of markets, and what market data ask of the trades. */
export const instrumentsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("market_definitions")
      .addColumn("batch_code", "text", (column) => column.primaryKey())
      .addColumn("currency", "text", (column) => column.notNull())
      .addColumn("tick", "numeric", (column) => column.notNull())
      .addColumn("band_basis_points", "integer")
      .addColumn("reference_price", "numeric")
      .addColumn("reference_set_at", "timestamptz")
      .addColumn("calendar", "text", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull().check(sql`state in ('open', 'halted')`))
      .addColumn("state_reason", "text")
      .addColumn("updated_at", "timestamptz", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("market_acts")
      .addColumn("seq", "bigserial", (column) => column.primaryKey())
      .addColumn("batch_code", "text", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("role", "text", (column) => column.notNull())
      .addColumn("account", "text")
      .addColumn("key_id", "text", (column) => column.notNull())
      .addColumn("body", "jsonb", (column) => column.notNull())
      .addColumn("at", "timestamptz", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("market_acts_batch").on("market_acts").columns(["batch_code", "seq"]).execute();
    await db.schema
      .createIndex("trades_batch_time")
      .on("trades")
      .columns(["batch_code", "matched_at", "seq"])
      .execute();
  },

  async down(db: Kysely<unknown>): Promise<void> {
    await db.schema.dropIndex("trades_batch_time").execute();
    for (const table of ["market_acts", "market_definitions"]) await db.schema.dropTable(table).execute();
  },
};
