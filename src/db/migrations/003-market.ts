import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const now = sql`now()`;

async function createLog(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("market_log")
    .addColumn("first_seq", "int8", (column) => column.primaryKey())
    .addColumn("last_seq", "int8", (column) => column.notNull())
    .addColumn("at", "int8", (column) => column.notNull())
    .addColumn("commands", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("market_snapshots")
    .addColumn("seq", "int8", (column) => column.primaryKey())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("created_at", "timestamptz", (column) => column.notNull().defaultTo(now))
    .execute();
  await db.schema
    .createTable("market_applied")
    .addColumn("id", "integer", (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn("applied_seq", "int8", (column) => column.notNull())
    .execute();
  await sql`insert into market_applied (id, applied_seq) values (1, 0)`.execute(db);
}

async function createOrders(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("orders")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("number", "int8")
    .addColumn("listed", "bigserial", (column) => column.notNull())
    .addColumn("account", "text", (column) => column.notNull())
    .addColumn("participant_id", "integer", (column) => column.notNull())
    .addColumn("batch_code", "text", (column) => column.notNull())
    .addColumn("side", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("tonnes", "int8", (column) => column.notNull())
    .addColumn("minimum_tonnes", "int8", (column) => column.notNull())
    .addColumn("limit_price", "numeric", (column) => column.notNull())
    .addColumn("maximum_fee_basis_points", "integer", (column) => column.notNull())
    .addColumn("nonce", "int8", (column) => column.notNull())
    .addColumn("expires_at", "int8", (column) => column.notNull())
    .addColumn("time_in_force", "text", (column) => column.notNull())
    .addColumn("post_only", "boolean", (column) => column.notNull())
    .addColumn("self_trade", "text", (column) => column.notNull())
    .addColumn("mode", "text", (column) => column.notNull())
    .addColumn("signature", "text", (column) => column.notNull())
    .addColumn("leaves_at", "int8", (column) => column.notNull())
    .addColumn("selects", "int8")
    .addColumn("session", "text")
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("filled_tonnes", "int8", (column) => column.notNull())
    .addColumn("reason", "text")
    .addColumn("created_at", "timestamptz", (column) => column.notNull())
    .addColumn("updated_at", "timestamptz", (column) => column.notNull())
    .execute();
  // Every index is paid for by every order: only what lists of own orders and the check of nonces ask for.
  await db.schema
    .createIndex("orders_nonce")
    .unique()
    .on("orders")
    .columns(["account", "batch_code", "nonce"])
    .execute();
  await db.schema.createIndex("orders_participant").on("orders").columns(["participant_id", "listed"]).execute();
}

async function createTrades(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("trades")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("seq", "bigserial", (column) => column.notNull().unique())
    .addColumn("batch_code", "text", (column) => column.notNull())
    .addColumn("mode", "text", (column) => column.notNull())
    .addColumn("taker_hash", "text", (column) => column.notNull())
    .addColumn("maker_hash", "text", (column) => column.notNull())
    .addColumn("buyer", "text", (column) => column.notNull())
    .addColumn("seller", "text", (column) => column.notNull())
    .addColumn("buyer_participant_id", "integer", (column) => column.notNull())
    .addColumn("seller_participant_id", "integer", (column) => column.notNull())
    .addColumn("tonnes", "int8", (column) => column.notNull())
    .addColumn("price", "numeric", (column) => column.notNull())
    .addColumn("aggressor", "text")
    .addColumn("buyer_maximum_fee", "integer", (column) => column.notNull())
    .addColumn("seller_maximum_fee", "integer", (column) => column.notNull())
    .addColumn("matched_at", "timestamptz", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull().check(sql`status in ('matched', 'settled', 'failed')`))
    .addColumn("buyer_fee", "numeric")
    .addColumn("seller_fee", "numeric")
    .addColumn("tx_hash", "text")
    .addColumn("block_number", "int8")
    .addColumn("problem", "jsonb")
    .execute();
  await sql`create index trades_open on trades (seq) where status = 'matched'`.execute(db);
  await db.schema.createIndex("trades_batch").on("trades").columns(["batch_code", "seq"]).execute();
  await db.schema.createIndex("trades_buyer").on("trades").columns(["buyer_participant_id", "seq"]).execute();
  await db.schema.createIndex("trades_seller").on("trades").columns(["seller_participant_id", "seq"]).execute();
}

/** The markets: their input log, and the orders and trades that follow from it. */
export const marketMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createLog(db);
    await createOrders(db);
    await createTrades(db);
  },

  async down(db: Kysely<unknown>): Promise<void> {
    for (const table of ["trades", "orders", "market_applied", "market_snapshots", "market_log"]) {
      await db.schema.dropTable(table).execute();
    }
  },
};
