import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const now = sql`now()`;

async function createOperations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("operations")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("seq", "bigserial", (column) => column.notNull().unique())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) =>
      column
        .notNull()
        .defaultTo("accepted")
        .check(sql`status in ('accepted', 'sent', 'final', 'rejected')`),
    )
    .addColumn("lane", "text", (column) => column.notNull())
    .addColumn("account", "text")
    .addColumn("participant_id", "integer")
    .addColumn("role", "text")
    .addColumn("request", "jsonb", (column) => column.notNull())
    .addColumn("payload", "jsonb", (column) => column.notNull())
    .addColumn("intent_hash", "text")
    .addColumn("tx_hash", "text")
    .addColumn("block_number", "int8")
    .addColumn("result", "jsonb")
    .addColumn("problem", "jsonb")
    .addColumn("created_at", "timestamptz", (column) => column.notNull().defaultTo(now))
    .addColumn("updated_at", "timestamptz", (column) => column.notNull().defaultTo(now))
    .execute();

  // The outbox asks only for what is open; the rest of the table may grow without slowing it down.
  await sql`create index operations_open on operations (lane, seq) where status in ('accepted', 'sent')`.execute(db);
  await db.schema.createIndex("operations_participant").on("operations").columns(["participant_id", "seq"]).execute();
  await db.schema.createIndex("operations_account").on("operations").columns(["account", "seq"]).execute();
  await db.schema.createIndex("operations_tx_hash").on("operations").column("tx_hash").execute();
}

async function createTransactions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("transactions")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("seq", "bigserial", (column) => column.notNull().unique())
    .addColumn("sender", "text", (column) => column.notNull())
    .addColumn("nonce", "int8", (column) => column.notNull())
    .addColumn("raw", "text", (column) => column.notNull())
    .addColumn("lane", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) =>
      column
        .notNull()
        .defaultTo("signed")
        .check(sql`status in ('signed', 'final', 'failed', 'superseded')`),
    )
    .addColumn("block_number", "int8")
    .addColumn("created_at", "timestamptz", (column) => column.notNull().defaultTo(now))
    .execute();

  // Signed batches are long and do not shrink much: to compress each costs more than to keep it as it is.
  await sql`alter table transactions alter column raw set storage external`.execute(db);

  // A nonce is spent once. A superseded transaction keeps its row, because an older version of a nonce may still be the one mined.
  await sql`create unique index transactions_nonce on transactions (sender, nonce) where status <> 'superseded'`.execute(
    db,
  );
  await sql`create index transactions_open on transactions (lane, nonce) where status = 'signed'`.execute(db);
  await db.schema.createIndex("transactions_sender").on("transactions").columns(["sender", "nonce"]).execute();

  // Written together with what it refers to, by one statement each; neither is ever deleted. A check row by row would double the cost.
  await db.schema
    .createTable("transaction_operations")
    .addColumn("tx_hash", "text", (column) => column.notNull())
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("operation_id", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("transaction_operations_pk", ["tx_hash", "position"])
    .execute();
  await db.schema
    .createIndex("transaction_operations_operation")
    .on("transaction_operations")
    .column("operation_id")
    .execute();
}

async function createCredentials(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("keystores")
    .addColumn("address", "text", (column) => column.primaryKey())
    .addColumn("participant_id", "integer")
    .addColumn("role", "text")
    .addColumn("json", "text", (column) => column.notNull())
    .addColumn("created_at", "timestamptz", (column) => column.notNull().defaultTo(now))
    .execute();

  await db.schema
    .createTable("api_keys")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("secret_hash", "text", (column) => column.notNull())
    .addColumn("scope", "text", (column) =>
      column.notNull().check(sql`scope in ('participant', 'role', 'admin', 'auditor')`),
    )
    .addColumn("participant_id", "integer")
    .addColumn("role", "text")
    .addColumn("account", "text")
    .addColumn("label", "text", (column) => column.notNull())
    .addColumn("created_at", "timestamptz", (column) => column.notNull().defaultTo(now))
    .addColumn("revoked_at", "timestamptz")
    .execute();
}

async function createIntake(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("idempotency_keys")
    .addColumn("principal", "text", (column) => column.notNull())
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("request_hash", "text", (column) => column.notNull())
    .addColumn("operation_id", "text")
    .addColumn("status", "integer")
    .addColumn("response", "jsonb")
    .addColumn("created_at", "timestamptz", (column) => column.notNull().defaultTo(now))
    .addPrimaryKeyConstraint("idempotency_keys_pk", ["principal", "key"])
    .execute();

  await db.schema
    .createTable("documents")
    .addColumn("hash", "text", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("body", "jsonb", (column) => column.notNull())
    .addColumn("canonical", "text", (column) => column.notNull())
    .addColumn("created_at", "timestamptz", (column) => column.notNull().defaultTo(now))
    .execute();
}

/** The inbox: what was accepted, what was sent, and who may ask. */
export const inboxMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createOperations(db);
    await createTransactions(db);
    await createCredentials(db);
    await createIntake(db);
  },

  async down(db: Kysely<unknown>): Promise<void> {
    const tables = [
      "documents",
      "idempotency_keys",
      "api_keys",
      "keystores",
      "transaction_operations",
      "transactions",
      "operations",
    ];
    for (const table of tables) await db.schema.dropTable(table).execute();
  },
};
