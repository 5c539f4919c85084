import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** What the projector fills. It reads the chain again from the start: the new columns need a value in every row. */
const FILLED = `participants accounts projects statements issuances batches foreign_blocks serial_blocks holdings transfers retirements
  cancellations intents revoked_nonces role_grants ledger_state cash_balances cash_movements cash_deposits redemptions instruments
  exchange_positions exchange_movements settled_trades order_fills cancelled_orders order_floors closed_deals events blocks cursor`;

/**
 * The read model's memory (`audit-read-model-tables.ts` says what it means): what was so at an earlier block, counters by month, and words
 * to search for. No dictionary and no extension has a part in `search`: it is written as a literal, the same on every database.
 */
const COLUMNS = `
alter table retirements add column project_code text collate "C" not null, add column vintage int4 not null,
  add column month int4 not null, add column search tsvector not null;
create index retirements_project on retirements (project_code, id);
create index retirements_vintage on retirements (vintage, id);
create index retirements_purpose on retirements (purpose, id);
create index retirements_country on retirements (consumption_country, id) where consumption_country is not null;
create index retirements_tonnes on retirements (tonnes, id);
create index retirements_period on retirements (consumption_period_start, id) where consumption_period_start is not null;
create unique index retirements_place on retirements (block_number, log_index);
create index retirements_search on retirements using gin (search) with (gin_pending_list_limit = 512);

alter table cancellations add column project_code text collate "C" not null, add column vintage int4 not null,
  add column month int4 not null, add column search tsvector not null;
create index cancellations_project on cancellations (project_code, id);
create index cancellations_participant on cancellations (participant_id, id);
create unique index cancellations_place on cancellations (block_number, log_index);
create index cancellations_search on cancellations using gin (search) with (gin_pending_list_limit = 512);

create index issuances_decided on issuances (decided_block, id);

create index blocks_time on blocks (timestamp, number);
drop index blocks_timestamp;
`;

const TABLES = `
create table unit_movements (
  account text collate "C", batch_code text collate "C", block_number int8, log_index int4, kind text not null,
  tonnes numeric(20,0) not null, balance numeric(20,0) not null, frozen numeric(78,0) not null, counterparty text collate "C",
  record_id int8, tx_hash text not null, timestamp int8 not null, primary key (account, batch_code, block_number, log_index));
create index unit_movements_time on unit_movements (account, block_number, log_index, batch_code);

create table holding_keys (
  account text collate "C", batch_code text collate "C", first_block int8 not null, primary key (account, batch_code));
create index holding_keys_batch on holding_keys (batch_code, account);

create table serial_moves (
  batch_code text collate "C", length_class int4, start_serial int8, block_number int8, log_index int4, end_serial int8 not null,
  from_account text collate "C", to_account text collate "C", tx_hash text not null, timestamp int8 not null,
  primary key (batch_code, length_class, start_serial, block_number, log_index));

create table rollups (
  subject text collate "C", dimension text collate "C", key text collate "C", month int4, records int8 not null,
  tonnes numeric(30,0) not null, value numeric(78,0) not null, primary key (subject, dimension, key, month));

create table batch_versions (
  code text collate "C", block_number int8, project_code text collate "C" not null, statement_id text not null, vintage int4 not null,
  issued_tonnes numeric(20,0) not null, held_tonnes numeric(20,0) not null, retired_tonnes numeric(20,0) not null,
  cancelled_tonnes numeric(20,0) not null, buffer_tonnes numeric(20,0) not null, authorisations int4 not null,
  first_transfer text not null, authorisation_document_hash text, authorisation_revoked boolean not null, paused boolean not null,
  issued_block int8 not null, tx_hash text not null, gone boolean not null, primary key (code, block_number));

create table participant_versions (
  id int4, block_number int8, tax_code text collate "C" not null, status text not null, capabilities int4 not null,
  kyc_expires_at int8 not null, document_hash text not null, suspension_reason_hash text, admitted_block int8 not null,
  tx_hash text not null, updated_block int8 not null, gone boolean not null, primary key (id, block_number));

create table account_versions (
  address text collate "C", block_number int8, participant_id int4 not null, status text not null, successor text,
  proposed_successor text, proposed_by text, added_block int8 not null, tx_hash text not null, gone boolean not null,
  primary key (address, block_number));
create index account_versions_participant on account_versions (participant_id, address, block_number);

create table project_versions (
  code text collate "C", block_number int8, owner_id int4 not null, status text not null, buffer_basis_points int4 not null,
  document_hash text not null, listed_block int8 not null, tx_hash text not null, updated_block int8 not null, gone boolean not null,
  primary key (code, block_number));

create table position_versions (
  account text collate "C", batch_code text collate "C", block_number int8, amount numeric(78,0) not null,
  leaving numeric(78,0) not null, available_at int8 not null, gone boolean not null, primary key (account, batch_code, block_number));
`;

const TABLE_NAMES = [...TABLES.matchAll(/create table (\w+)/g)].map((match) => match[1] ?? "");

const UNDO_COLUMNS = `
create index blocks_timestamp on blocks (timestamp);
drop index blocks_time;
drop index issuances_decided;
drop index cancellations_place;
drop index cancellations_participant;
alter table cancellations drop column project_code, drop column vintage, drop column month, drop column search;
drop index retirements_place;
drop index retirements_period;
drop index retirements_tonnes;
drop index retirements_country;
drop index retirements_purpose;
alter table retirements drop column project_code, drop column vintage, drop column month, drop column search;
`;

export const auditReadModelMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const table of FILLED.split(/\s+/)) await sql`delete from ${sql.table(table)}`.execute(db);
    await run(db, COLUMNS);
    await run(db, TABLES);
  },

  async down(db: Kysely<unknown>): Promise<void> {
    for (const name of TABLE_NAMES) await db.schema.dropTable(name).execute();
    await run(db, UNDO_COLUMNS);
  },
};

async function run(db: Kysely<unknown>, statements: string): Promise<void> {
  for (const statement of statements.split(";").map((text) => text.trim())) {
    if (statement !== "") await sql.raw(statement).execute(db);
  }
}
