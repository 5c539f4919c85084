import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/**
 * Tables of the read model (`read-model-tables.ts` says what they mean). No foreign keys: a rebuild empties and refills them in bulk, and
 * what they hold is checked against the chain by the reconciler. Texts that are compared or paged over are ordered by bytes (collation C),
 * so that every database gives the same pages and the same state hash.
 */
const TABLES = `
create table blocks (
  number int8 primary key, hash text not null, parent_hash text not null, timestamp int8 not null);
create index blocks_timestamp on blocks (timestamp);

create table events (
  block_number int8, log_index int4, tx_hash text not null, contract text not null, name text not null, args jsonb not null,
  primary key (block_number, log_index));
create index events_name on events (name, block_number, log_index);
create index events_tx_hash on events (tx_hash);

create table participants (
  id int4 primary key, tax_code text collate "C" not null unique, status text not null, capabilities int4 not null,
  kyc_expires_at int8 not null, document_hash text not null, suspension_reason_hash text, admitted_block int8 not null,
  tx_hash text not null, updated_block int8 not null);

create table accounts (
  address text collate "C" primary key, participant_id int4 not null, status text not null, successor text,
  proposed_successor text, proposed_by text, added_block int8 not null, tx_hash text not null);
create index accounts_participant on accounts (participant_id);

create table projects (
  code text collate "C" primary key, owner_id int4 not null, status text not null, buffer_basis_points int4 not null,
  document_hash text not null, listed_block int8 not null, tx_hash text not null, updated_block int8 not null);
create index projects_owner on projects (owner_id);

create table statements (
  id text collate "C" primary key, project_code text collate "C" not null, verifier text not null, period_start int8 not null,
  period_end int8 not null, verified_tonnes numeric(20,0) not null, claimed_tonnes numeric(20,0) not null, report_hash text not null,
  block_number int8 not null, tx_hash text not null);
create index statements_project on statements (project_code);

create table issuances (
  id text collate "C" primary key, batch_code text collate "C" not null, statement_id text not null, project_code text collate "C" not null,
  vintage int4 not null, tonnes numeric(20,0) not null, recipient text not null, foreign_programme text, foreign_series text,
  foreign_start numeric(20,0), foreign_end numeric(20,0), document_hash text not null, status text not null, proposer text not null,
  approver text, rejecter text, reason_hash text, proposed_block int8 not null, proposed_tx_hash text not null, decided_block int8,
  decided_tx_hash text);
create index issuances_batch on issuances (batch_code);
create index issuances_project on issuances (project_code);

create table batches (
  code text collate "C" primary key, project_code text collate "C" not null, statement_id text not null, vintage int4 not null,
  issued_tonnes numeric(20,0) not null, held_tonnes numeric(20,0) not null, retired_tonnes numeric(20,0) not null,
  cancelled_tonnes numeric(20,0) not null, buffer_tonnes numeric(20,0) not null, authorisations int4 not null,
  first_transfer text not null, authorisation_document_hash text, authorisation_revoked boolean not null, paused boolean not null,
  issued_block int8 not null, tx_hash text not null);
create index batches_project on batches (project_code, vintage);

create table foreign_blocks (
  programme text collate "C", series text collate "C", start_serial numeric(20,0), end_serial numeric(20,0) not null,
  batch_code text collate "C" not null, block_number int8 not null, tx_hash text not null,
  primary key (programme, series, start_serial));
create index foreign_blocks_batch on foreign_blocks (batch_code);

create table serial_blocks (
  batch_code text collate "C", start_serial numeric(20,0), end_serial numeric(20,0) not null, state text not null,
  account text collate "C" not null, record_id int8, primary key (batch_code, start_serial));
create index serial_blocks_account on serial_blocks (account, batch_code, start_serial);

create table holdings (
  account text collate "C", batch_code text collate "C", tonnes numeric(20,0) not null, frozen_tonnes numeric(78,0) not null,
  primary key (account, batch_code));
create index holdings_batch on holdings (batch_code, account);

create table transfers (
  id text collate "C" primary key, batch_code text collate "C" not null, from_account text not null, to_account text not null,
  tonnes numeric(20,0) not null, blocks jsonb not null, kind text not null, intent_hash text, block_number int8 not null,
  log_index int4 not null, tx_hash text not null, timestamp int8 not null);
create unique index transfers_place on transfers (block_number, log_index);
create index transfers_from on transfers (from_account, block_number, log_index);
create index transfers_to on transfers (to_account, block_number, log_index);
create index transfers_batch on transfers (batch_code, block_number, log_index);
create index transfers_tx_hash on transfers (tx_hash);

create table retirements (
  id int8 primary key, batch_code text collate "C" not null, tonnes numeric(20,0) not null, blocks jsonb not null, account text not null,
  participant_id int4 not null, beneficiary text not null, beneficiary_id text not null, beneficiary_commitment text, purpose text not null,
  reason text not null, details text not null, consumption_country text, consumption_period_start int8, consumption_period_end int8,
  retired_at int8 not null, record_hash text not null, intent_hash text, block_number int8 not null, log_index int4 not null,
  tx_hash text not null);
create index retirements_batch on retirements (batch_code, id);
create index retirements_account on retirements (account, id);
create index retirements_participant on retirements (participant_id, id);
create index retirements_beneficiary_id on retirements (beneficiary_id, id);
create index retirements_retired_at on retirements (retired_at);
create index retirements_tx_hash on retirements (tx_hash);

create table cancellations (
  id int8 primary key, batch_code text collate "C" not null, tonnes numeric(20,0) not null, blocks jsonb not null, account text not null,
  participant_id int4 not null, reason text not null, details text not null, cancelled_at int8 not null, record_hash text not null,
  intent_hash text, block_number int8 not null, log_index int4 not null, tx_hash text not null);
create index cancellations_batch on cancellations (batch_code, id);
create index cancellations_account on cancellations (account, id);
create index cancellations_tx_hash on cancellations (tx_hash);

create table intents (
  hash text collate "C" primary key, account text not null, nonce text not null, kind text not null, block_number int8 not null,
  log_index int4 not null, tx_hash text not null);
create index intents_tx_hash on intents (tx_hash);
create index intents_nonce on intents (account, nonce);

create table revoked_nonces (
  account text collate "C", nonce text collate "C", block_number int8 not null, tx_hash text not null, primary key (account, nonce));

create table role_grants (
  role text collate "C", account text collate "C", delay int8 not null, since int8 not null, block_number int8 not null,
  tx_hash text not null, primary key (role, account));

create table ledger_state (name text collate "C" primary key, value text not null);

create table cursor (id int4 primary key check (id = 1), block_number int8 not null, block_hash text not null, deployment text not null);
`;

const NAMES = [...TABLES.matchAll(/create table (\w+)/g)].map((match) => match[1] ?? "");

export const readModelMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of TABLES.split(";").map((text) => text.trim())) {
      if (statement !== "") await sql.raw(statement).execute(db);
    }
  },

  async down(db: Kysely<unknown>): Promise<void> {
    for (const name of NAMES) await db.schema.dropTable(name).execute();
  },
};
