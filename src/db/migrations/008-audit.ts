import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Tables of what is attested, exported and read (`audit-tables.ts` says what they mean). The chain cannot give them back. */
const TABLES = `
create table checkpoints (
  number int8 primary key, block_number int8 not null unique, block_hash text not null, state_root text not null,
  block_timestamp int8 not null, retirement_count int8 not null, log_root text not null, previous text not null, digest text not null,
  created_at timestamptz not null default now());

create table checkpoint_signatures (
  checkpoint int8, role text collate "C", signer text not null, signature text not null, created_at timestamptz not null default now(),
  primary key (checkpoint, role));

create table log_nodes (level int4, position int8, hash text not null, primary key (level, position));

create table exports (
  id text collate "C" primary key, principal text not null, subject text not null, format text not null, query jsonb not null,
  block_number int8 not null, block_hash text not null, status text not null, rows int8, bytes int8, sha256 text, signer text,
  signature text, finished_at timestamptz, created_at timestamptz not null default now());
create index exports_principal on exports (principal, created_at, id);

create table personal_data (
  commitment text collate "C" primary key, participant_id int4 not null, name text, identifier text, salt text,
  created_at timestamptz not null default now(), erased_at timestamptz, erased_by text);

create table access_log (
  seq bigserial primary key, at timestamptz not null default now(), key_id text not null, scope text not null, role text,
  method text not null, route text not null, url text not null, request_id text not null);
create index access_log_key on access_log (key_id, seq);
`;

/** Regulators read everything, as auditors do; and a key may end by itself. */
const API_KEYS = `
alter table api_keys add column expires_at timestamptz;
alter table api_keys drop constraint api_keys_scope_check;
alter table api_keys add constraint api_keys_scope_check check (scope in ('participant', 'role', 'admin', 'auditor', 'regulator'));
`;

const UNDO_API_KEYS = `
delete from api_keys where scope = 'regulator';
alter table api_keys drop constraint api_keys_scope_check;
alter table api_keys add constraint api_keys_scope_check check (scope in ('participant', 'role', 'admin', 'auditor'));
alter table api_keys drop column expires_at;
`;

const TABLE_NAMES = [...TABLES.matchAll(/create table (\w+)/g)].map((match) => match[1] ?? "");

export const auditMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await run(db, TABLES);
    await run(db, API_KEYS);
  },

  async down(db: Kysely<unknown>): Promise<void> {
    await run(db, UNDO_API_KEYS);
    for (const name of TABLE_NAMES) await db.schema.dropTable(name).execute();
  },
};

async function run(db: Kysely<unknown>, statements: string): Promise<void> {
  for (const statement of statements.split(";").map((text) => text.trim())) {
    if (statement !== "") await sql.raw(statement).execute(db);
  }
}
