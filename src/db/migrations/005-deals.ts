import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const now = sql`now()`;

async function createDeals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("deals")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("seq", "bigserial", (column) => column.notNull().unique())
    .addColumn("seller", "text", (column) => column.notNull())
    .addColumn("buyer", "text", (column) => column.notNull())
    .addColumn("seller_participant_id", "integer", (column) => column.notNull())
    .addColumn("buyer_participant_id", "integer", (column) => column.notNull())
    .addColumn("batch_code", "text", (column) => column.notNull())
    .addColumn("tonnes", "int8", (column) => column.notNull())
    .addColumn("price", "numeric", (column) => column.notNull())
    .addColumn("maximum_fee_basis_points", "integer", (column) => column.notNull())
    .addColumn("expires_at", "int8", (column) => column.notNull())
    .addColumn("nonce", "text", (column) => column.notNull())
    .addColumn("reported_by", "text", (column) => column.notNull())
    .addColumn("seller_signature", "text")
    .addColumn("buyer_signature", "text")
    .addColumn("status", "text", (column) =>
      column.notNull().check(sql`status in ('reported', 'confirmed', 'cancelled', 'expired')`),
    )
    .addColumn("cancelled_by", "text")
    .addColumn("created_at", "timestamptz", (column) => column.notNull().defaultTo(now))
    .addColumn("updated_at", "timestamptz", (column) => column.notNull().defaultTo(now))
    .execute();
  await db.schema.createIndex("deals_seller").on("deals").columns(["seller_participant_id", "seq"]).execute();
  await db.schema.createIndex("deals_buyer").on("deals").columns(["buyer_participant_id", "seq"]).execute();
  await sql`create index deals_reported on deals (expires_at) where status = 'reported'`.execute(db);
}

async function createAuctions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("auctions")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("seq", "bigserial", (column) => column.notNull().unique())
    .addColumn("batch_code", "text", (column) => column.notNull())
    .addColumn("seller", "text", (column) => column.notNull())
    .addColumn("seller_participant_id", "integer", (column) => column.notNull())
    .addColumn("tonnes", "int8", (column) => column.notNull())
    .addColumn("reserve_price", "numeric", (column) => column.notNull())
    .addColumn("opens_at", "int8", (column) => column.notNull())
    .addColumn("closes_at", "int8", (column) => column.notNull())
    .addColumn("seed", "text", (column) => column.notNull())
    .addColumn("seed_commitment", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) =>
      column.notNull().check(sql`status in ('open', 'cleared', 'void', 'cancelled')`),
    )
    .addColumn("void_reason", "text")
    .addColumn("clearing_price", "numeric")
    .addColumn("transcript", "jsonb")
    .addColumn("created_at", "timestamptz", (column) => column.notNull().defaultTo(now))
    .addColumn("closed_at", "timestamptz")
    .execute();
  await sql`create index auctions_open on auctions (closes_at) where status = 'open'`.execute(db);
  await db.schema
    .createTable("auction_bids")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("auction_id", "text", (column) => column.notNull().references("auctions.id"))
    .addColumn("seq", "bigserial", (column) => column.notNull().unique())
    .addColumn("status", "text", (column) =>
      column.notNull().check(sql`status in ('sealed', 'cancelled', 'won', 'lost')`),
    )
    .addColumn("allotted_tonnes", "int8", (column) => column.notNull().defaultTo(0))
    .addColumn("created_at", "timestamptz", (column) => column.notNull().defaultTo(now))
    .execute();
  await db.schema.createIndex("auction_bids_auction").on("auction_bids").columns(["auction_id", "seq"]).execute();
}

/** What was agreed outside the book: deals and auctions; and the board of firm orders. */
export const dealsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createDeals(db);
    await createAuctions(db);
    // Every index is paid for by every order: this one only by those on the board.
    await sql`create index orders_board on orders (number) where mode = 'put-through' and status = 'open'`.execute(db);
  },

  async down(db: Kysely<unknown>): Promise<void> {
    await db.schema.dropIndex("orders_board").execute();
    for (const table of ["auction_bids", "auctions", "deals"]) await db.schema.dropTable(table).execute();
  },
};
