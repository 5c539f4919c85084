import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Tables of imports (`import-tables.ts` says what they mean). Texts that are compared or ordered are so by bytes (collation C). */
const TABLES = `
create table imports (
  id text collate "C" primary key, seq bigserial unique, registry text not null, layout text, file_name text not null,
  file_sha256 text not null, bytes int8 not null, declared_encoding text, encoding text, owner_id int4 not null, account text not null,
  dry_run boolean not null, status text not null, attempt int4 not null default 0, phase int4 not null default 0,
  phase_done int8 not null default 0, phase_total int8 not null default 0, creator text not null, registrar text not null,
  approver text, verifier text, holder text, rows int8 not null default 0, refused int8 not null default 0, known int8 not null default 0,
  has_ends boolean not null default false, problem jsonb, created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(), started_at timestamptz, ended_at timestamptz);
create index imports_status on imports (status);

create table import_rows (
  import_id text collate "C", number int8, line int8 not null, project text collate "C", project_name text, project_source jsonb,
  project_target text, period_start int4, period_end int4, vintage int4, tonnes numeric(20,0), verified numeric(20,0), programme text collate "C",
  series text collate "C", serial_start int8, serial_end int8, issued_on int4, ends text, ended_on int4, beneficiary text, reason text,
  note text, source jsonb, refusal_code text, refusal text, issues boolean not null default false, ends_now boolean not null default false,
  is_proposed boolean not null default false, batch text collate "C", batch_start int8, hint int8, period_from int4, place int8,
  primary key (import_id, number));
create index import_rows_place on import_rows (import_id, place);

create table import_projects (
  import_id text collate "C", code text collate "C", source jsonb not null, target text not null, from_status text,
  primary key (import_id, code));

create table import_periods (
  import_id text collate "C", project text collate "C", period_start int4, period_end int4 not null, tonnes numeric(20,0) not null,
  existing_id text, statement_id text, previous_id text, primary key (import_id, project, period_start));
`;

const TABLE_NAMES = [...TABLES.matchAll(/create table (\w+)/g)].map((match) => match[1] ?? "");

export const importsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of TABLES.split(";").map((text) => text.trim())) {
      if (statement !== "") await sql.raw(statement).execute(db);
    }
  },

  async down(db: Kysely<unknown>): Promise<void> {
    for (const name of TABLE_NAMES) await db.schema.dropTable(name).execute();
  },
};
