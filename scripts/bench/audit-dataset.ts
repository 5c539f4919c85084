import { sql } from "kysely";
import type { Db } from "../../src/db/connection.js";
import { Statistics } from "../../src/ledger/statistics.js";

/** What the made-up retirements are spread over. Even a small history has more of each than a page shows. */
export const PROJECTS = 50;
export const FIRMS = 100;
/** One retirement in so many is for the same beneficiary. */
export const BENEFICIARIES = 100;

/** Unix seconds of the first retirement; each of the others comes a while after the one before, in a block of its own. */
export const FIRST_TIME = 1_700_000_000;
export const SECONDS_BETWEEN = 60;

/** A batch for each project: the serials of retirement `i` are a block of at most this length. */
export const LONGEST_BLOCK = 10_000;
const AT_ONCE = 50_000;
const BATCH_TONNES = 10n ** 11n;

export function batchOf(i: number): string {
  return `BATCH-${Math.floor(i / FIRMS) % PROJECTS}`;
}

export function accountOf(i: number): string {
  return `0x${(i % FIRMS).toString(16).padStart(40, "0")}`;
}

/** The first serial number of retirement `i` in its batch. */
export function serialOf(i: number): bigint {
  return BigInt(1 + (Math.floor(i / (FIRMS * PROJECTS)) * FIRMS + (i % FIRMS)) * LONGEST_BLOCK);
}

/** Fills the read model with retirements 1 to `rows`, in the shape that the projector gives them, and has the planner count them. */
export async function fillRetirements(db: Db, rows: number): Promise<void> {
  const restoreIndexes = await dropIndexes(db);
  for (let first = 1; first <= rows; first += AT_ONCE) {
    const last = Math.min(rows, first + AT_ONCE - 1);
    await sql`
      insert into retirements (id, batch_code, tonnes, blocks, account, participant_id, beneficiary, beneficiary_id,
        purpose, reason, details, consumption_country, consumption_period_start, consumption_period_end, retired_at, record_hash,
        block_number, log_index, tx_hash, project_code, vintage, month, search)
      select i, 'BATCH-' || p, tonnes, jsonb_build_array(jsonb_build_object('start', s::text, 'end', (s + tonnes - 1)::text)),
        '0x' || lpad(to_hex(i % ${FIRMS}::int), 40, '0'), 1 + i % ${FIRMS}::int, 'Công ty số ' || i, 'ID' || i,
        (array['voluntary', 'compliance', 'corsia', 'other'])[1 + i % 4], 'net zero', 'made for a measurement', 'VN', 19000, 19365,
        time, '0x' || md5(i::text) || md5('r' || i), i, 0, '0x' || md5('t' || i) || md5(i::text),
        'PROJECT-' || p, 2015 + i % 10, to_char(to_timestamp(time) at time zone 'UTC', 'YYYYMM')::int,
        ('''cong'':1A ''ty'':1A ''so'':1A ''n' || i || ''':1A ''city' || h || ''':1A ''net'':1 ''zero'':1')::tsvector
      from (select i, i / ${FIRMS}::int % ${PROJECTS}::int as p, 1 + (i::int8 * 7919) % ${LONGEST_BLOCK}::int as tonnes,
        abs(hashint4(i)) % ${BENEFICIARIES}::int as h,
        1 + ((i / ${FIRMS * PROJECTS}::int)::int8 * ${FIRMS}::int + i % ${FIRMS}::int) * ${LONGEST_BLOCK}::int as s,
        ${FIRST_TIME}::int8 + i * ${SECONDS_BETWEEN}::int as time from generate_series(${first}::int, ${last}::int) as i) g`.execute(
      db,
    );
  }
  await restoreIndexes();
  await count(db, rows);
}

/** Thirteen indexes, filled row by row, take longer than all the rest. @returns what makes them anew */
async function dropIndexes(db: Db): Promise<() => Promise<void>> {
  const { rows } = await sql<{
    name: string;
    definition: string;
  }>`select indexname as name, indexdef as definition from pg_indexes
    where tablename = 'retirements' and schemaname = 'public' and indexname <> 'retirements_pkey'`.execute(db);
  for (const { name } of rows) await sql`drop index ${sql.table(name)}`.execute(db);
  return async () => {
    for (const { definition } of rows) await sql.raw(definition).execute(db);
  };
}

/** What the projector derives besides: blocks, serials, movements, counters; of the retirements that are there. */
export async function fillAround(db: Db, rows: number): Promise<void> {
  const statements = [
    sql`insert into blocks select 0, 'none', 'none', ${FIRST_TIME} union all
      (select block_number, record_hash, tx_hash, retired_at from retirements order by id)`,
    sql`insert into batches select batch_code, min(project_code), 'none', 2020, ${BATCH_TONNES}, ${BATCH_TONNES} - sum(tonnes), sum(tonnes),
      0, 0, 0, 'authorisation', null, false, false, 1, min(tx_hash) from retirements group by batch_code`,
    sql`insert into accounts select distinct account, participant_id, 'active', null, null, null, 1::int8, 'none' from retirements`,
    sql`insert into account_versions select address, 1, participant_id, status, successor, proposed_successor, proposed_by, added_block,
      tx_hash, false from accounts`,
    sql`insert into serial_blocks select batch_code, (blocks->0->>'start')::numeric, (blocks->0->>'end')::numeric, 'retired', account, id
      from retirements order by id`,
    sql`insert into serial_moves select code, 37, 1, 1, 0, ${BATCH_TONNES}, null, 'nobody', 'none', ${FIRST_TIME} from batches`,
    sql`insert into serial_moves select batch_code, ceil(log(2, tonnes))::int4, (blocks->0->>'start')::int8, block_number, log_index,
      (blocks->0->>'end')::int8, account, null, tx_hash, retired_at from retirements order by id`,
    sql`insert into unit_movements select account, batch_code, 0, 0, 'issuance', ${BATCH_TONNES}, ${BATCH_TONNES}, 0, null, null, 'none',
      ${FIRST_TIME} from (select distinct account, batch_code from retirements) k`,
    sql`insert into unit_movements select account, batch_code, block_number, log_index, 'retirement', -tonnes,
      ${BATCH_TONNES} - sum(tonnes) over (partition by account, batch_code order by id), 0, null, id, tx_hash, retired_at
      from retirements order by id`,
    sql`insert into holding_keys select account, batch_code, 0 from (select distinct account, batch_code from retirements) k`,
    ...[
      ["all", "''"],
      ["project", "project_code"],
      ["batch", "batch_code"],
      ["firm", "participant_id::text"],
      ["vintage", "vintage::text"],
      ["purpose", "purpose"],
    ].map(
      ([
        dimension,
        key,
      ]) => sql`insert into rollups select 'retirements', ${dimension}, ${sql.raw(key ?? "")}, month, count(*), sum(tonnes), 0
        from retirements group by 3, month`,
    ),
  ];
  for (const statement of statements) await statement.execute(db);
  await count(db, rows);
}

/** As the service has the tables looked at, so that the planner knows no more here than there. */
async function count(db: Db, rows: number): Promise<void> {
  await sql`vacuum`.execute(db);
  await new Statistics(db).refresh(rows, false);
}
