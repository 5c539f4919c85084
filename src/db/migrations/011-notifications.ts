import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Tables of what happened to operations and whom it is told to (`notification-tables.ts` says what they mean). */
const TABLES = `
create table operation_log (
  id bigserial not null, at timestamptz not null default now(), status text not null, tx_hash text, operations int8[] not null,
  first int8);
create index operation_log_untold on operation_log (id) where first is null;
create unique index operation_log_told on operation_log (first) where first is not null;

create table notification_counter (next int8 not null, unqueued int8 not null);
insert into notification_counter (next, unqueued) values (1, 1);

create table webhooks (
  id text collate "C" primary key, seq bigserial not null unique, participant_id int4, role text, url text not null, label text not null,
  types jsonb, kinds jsonb, secret text not null, previous_secret text, previous_until timestamptz, since int8 not null,
  status text not null default 'active' check (status in ('active', 'disabled')), reason text, failing_since timestamptz,
  created_by text not null, created_at timestamptz not null default now(),
  check ((participant_id is null) <> (role is null)));

create table webhook_deliveries (
  webhook_id text collate "C" not null references webhooks on delete cascade, sequence int8 not null, type text not null,
  body text not null, status text not null default 'pending' check (status in ('pending', 'delivered', 'dead')),
  attempts int4 not null default 0, due_at timestamptz not null default now(), attempted_at timestamptz, answer int4, error text,
  delivered_at timestamptz, created_at timestamptz not null default now(),
  primary key (webhook_id, sequence));
create index webhook_deliveries_due on webhook_deliveries (webhook_id, due_at) where status = 'pending';
create index webhook_deliveries_age on webhook_deliveries (created_at)
`;

export const notificationsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of TABLES.split(";")) await sql.raw(statement).execute(db);
  },

  async down(db: Kysely<unknown>): Promise<void> {
    for (const table of ["webhook_deliveries", "webhooks", "notification_counter", "operation_log"])
      await db.schema.dropTable(table).execute();
  },
};
