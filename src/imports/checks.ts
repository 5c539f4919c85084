import { sql } from "kysely";

import type { ProjectStatus } from "../chain/event-types.js";
import type { Db } from "../db/connection.js";
import { pathTo } from "./project-layouts.js";
import type { RefusalCode } from "./values.js";

/** Whose units, and who proposes. */
export interface Terms {
  readonly importId: string;
  readonly ownerId: number;
  readonly account: string;
  readonly registrar: string;
}

export interface Tally {
  readonly rows: bigint;
  readonly refused: bigint;
  readonly known: bigint;
  readonly hasEnds: boolean;
}

/** What the ledger says, and not the file: it is asked again before anything is sent. */
const LEDGER_CODES: readonly RefusalCode[] = [
  ...(["repeated", "overlap", "beyond-issued", "beyond-verified", "period-overlap"] as const),
  ...(["not-held", "project-conflict", "batch-conflict"] as const),
];

/**
 * Compares the staged rows with each other and with the ledger, and writes down for each what is to be done, or why it cannot be. Sets of
 * rows are handled by the database, whatever their number and their order.
 */
export async function planRows(db: Db, terms: Terms): Promise<Tally> {
  await reset(db, terms);
  // Nobody knows yet how many rows there are: a plan for few would compare each with each.
  await sql`analyze import_rows`.execute(db);
  await refuseOverlaps(db, terms);
  await compareWithLedger(db, terms);
  await nameBatches(db, terms);
  await refuseTakenCodes(db, terms);
  await refuseBeyondVerified(db, terms);
  await planPeriods(db, terms);
  await planProjects(db, terms);
  const tally = await tallyOf(db, terms);
  if (tally.refused === 0n) await placeRows(db, terms);
  return tally;
}

/** Back to what was staged; rows that are so already, as all are the first time, are left alone: a row is long to write. */
async function reset(db: Db, { importId }: Terms): Promise<void> {
  const ledgerCodes = sql`any(${`{${LEDGER_CODES.join(",")}}`}::text[])`;
  const batch = sql`case when programme is null then batch else programme || '-' || series || '-' || serial_start end`;
  await sql`
    update import_rows set issues = tonnes is not null, ends_now = ends is not null, is_proposed = false, batch = ${batch},
      batch_start = case when tonnes is null then null else 1 end, refusal = null, refusal_code = null
    where import_id = ${importId} and (refusal_code is null or refusal_code = ${ledgerCodes})
      and (refusal_code is not null or is_proposed or issues <> (tonnes is not null) or ends_now <> (ends is not null)
        or batch is distinct from ${batch} or batch_start <> 1)`.execute(db);
  await db.deleteFrom("import_projects").where("import_id", "=", importId).execute();
  await db.deleteFrom("import_periods").where("import_id", "=", importId).execute();
}

/** Blocks of one series that share a serial number: the later one in the series is refused. */
async function refuseOverlaps(db: Db, { importId }: Terms): Promise<void> {
  await sql`
    update import_rows r set
      refusal_code = case when o.start_before = r.serial_start and o.end_before = r.serial_end then 'repeated' else 'overlap' end,
      refusal = 'The block ' || r.serial_start || ' to ' || r.serial_end || ' of series ' || r.series ||
        ' shares serial numbers with a block of the file that begins at ' || o.start_before || ' (line ' || o.line_before || ').'
    from (
      select number, max(serial_end) over before as reach, lag(serial_start) over series as start_before,
        lag(serial_end) over series as end_before, lag(line) over series as line_before
      from import_rows where import_id = ${importId} and refusal_code is null and programme is not null
      window series as (partition by programme, series order by serial_start, number),
        before as (partition by programme, series order by serial_start, number rows between unbounded preceding and 1 preceding)) o
    where r.import_id = ${importId} and r.number = o.number and o.reach >= r.serial_start`.execute(db);
}

/** Blocks that the ledger has: known ones are not issued again, and may be retired or cancelled. */
async function compareWithLedger(db: Db, { importId, account }: Terms): Promise<void> {
  await sql`
    update import_rows r set
      issues = false, ends_now = false, batch = f.batch_code, batch_start = r.serial_start - f.start_serial + 1,
      refusal_code = case
        when f.project_code <> r.project or f.vintage <> r.vintage then 'batch-conflict'
        when f.is_within and (r.ends is not null or f.is_same) then null
        when r.ends is null then 'overlap' else 'beyond-issued' end,
      refusal = case
        when f.project_code <> r.project or f.vintage <> r.vintage then
          'The ledger has the block in batch ' || f.batch_code || ', of another project or vintage.'
        when f.is_within and (r.ends is not null or f.is_same) then null
        when r.ends is null then 'The block shares serial numbers with ' || f.start_serial || ' to ' || f.end_serial ||
          ' in the ledger (batch ' || f.batch_code || ').'
        else 'More is retired or cancelled than was issued: the ledger has the block ' || f.start_serial || ' to ' || f.end_serial || '.' end
    from (
      select distinct on (o.number) o.number, f.batch_code, f.start_serial, f.end_serial, b.project_code, b.vintage,
        f.start_serial <= o.serial_start and f.end_serial >= o.serial_end as is_within,
        f.start_serial = o.serial_start and f.end_serial = o.serial_end as is_same
      from import_rows o
      join foreign_blocks f on f.programme = o.programme and f.series = o.series
        and f.start_serial <= o.serial_end and f.end_serial >= o.serial_start
      join batches b on b.code = f.batch_code
      where o.import_id = ${importId} and o.refusal_code is null
      order by o.number, f.start_serial) f
    where r.import_id = ${importId} and r.number = f.number`.execute(db);
  const isWithin = sql`s.batch_code = r.batch and s.start_serial <= r.batch_start
    and s.end_serial >= r.batch_start + (r.serial_end - r.serial_start)`;
  const isHeld = sql`exists (select 1 from serial_blocks s where s.state = 'held' and s.account = ${account} and ${isWithin})`;
  const isEnded = sql`exists (select 1 from serial_blocks s where s.state = r.ends and ${isWithin})`;
  await sql`
    update import_rows r set ends_now = ${isHeld},
      refusal_code = case when ${isHeld} or ${isEnded} then null else 'not-held' end,
      refusal = case when ${isHeld} or ${isEnded} then null else
        'The serials of batch ' || r.batch || ' are not with ' || ${account}::text || ', and not ' || r.ends || '.' end
    where r.import_id = ${importId} and r.refusal_code is null and not r.issues and r.batch is not null and r.ends is not null`.execute(
    db,
  );
}

/** What is new gets a batch of its own: without serials, it is counted within project and vintage. */
async function nameBatches(db: Db, { importId }: Terms): Promise<void> {
  await sql`
    update import_rows r set batch = r.project || '-' || r.vintage || '-' || o.place
    from (
      select number, row_number() over (partition by project, vintage order by number) as place
      from import_rows where import_id = ${importId} and programme is null and tonnes is not null) o
    where r.import_id = ${importId} and r.number = o.number and r.refusal_code is null
      and r.batch is distinct from r.project || '-' || r.vintage || '-' || o.place`.execute(db);
  await sql`
    update import_rows set refusal_code = 'code-invalid', refusal = 'The batch would be called ' || batch || ', which is no code.'
    where import_id = ${importId} and refusal_code is null and issues and batch !~ '^[A-Z0-9.-]{1,31}$'`.execute(db);
}

/** A batch without a foreign block that is there already, with the same tonnes, is known; one that was only proposed needs no proposal. */
async function refuseTakenCodes(db: Db, { importId, account, registrar }: Terms): Promise<void> {
  await sql`
    update import_rows r set
      issues = not (b.code is not null and r.programme is null and b.issued_tonnes = r.tonnes and b.project_code = r.project),
      is_proposed = b.code is null and i.is_ours and i.tonnes = r.tonnes and i.recipient = ${account},
      refusal_code = case
        when b.code is not null and r.programme is null and b.issued_tonnes = r.tonnes and b.project_code = r.project then null
        when b.code is null and i.is_ours and i.tonnes = r.tonnes and i.recipient = ${account} then null
        else 'batch-conflict' end,
      refusal = case
        when b.code is not null and r.programme is null and b.issued_tonnes = r.tonnes and b.project_code = r.project then null
        when b.code is null and i.is_ours and i.tonnes = r.tonnes and i.recipient = ${account} then null
        else 'The batch code ' || r.batch || ' is taken by another issuance.' end
    from (
      select distinct on (batch_code) batch_code, tonnes, recipient, status = 'proposed' and proposer = ${registrar} as is_ours
      from issuances order by batch_code, proposed_block desc) i
    left join batches b on b.code = i.batch_code
    where r.import_id = ${importId} and r.refusal_code is null and r.issues and i.batch_code = r.batch`.execute(db);
}

/** More than the export says was verified in the period. */
async function refuseBeyondVerified(db: Db, { importId }: Terms): Promise<void> {
  await sql`
    update import_rows r set refusal_code = 'beyond-verified',
      refusal = 'The rows of this vintage add up to more than its total of ' || r.verified || ' t.'
    from (
      select number, sum(tonnes) over (partition by project, period_start, period_end order by number) as sum_so_far,
        max(verified) over (partition by project, period_start, period_end) as most
      from import_rows where import_id = ${importId} and refusal_code is null and verified is not null) o
    where r.import_id = ${importId} and r.number = o.number and o.sum_so_far > o.most`.execute(db);
}

/** The row `r` is about days of the period `p`: periods of one project have no day in common. */
const isWithinPeriod = sql`p.import_id = r.import_id and p.project = r.project
  and r.period_start between p.period_start and p.period_end`;

/**
 * Periods of one project that touch each other become one statement, for the contract takes no two statements about one day. A statement
 * of the ledger that covers the whole and has enough left is used.
 */
async function planPeriods(db: Db, { importId }: Terms): Promise<void> {
  await sql`
    insert into import_periods (import_id, project, period_start, period_end, tonnes)
    select ${importId}, project, min(period_start), max(period_end), sum(greatest(verified, tonnes))
    from (
      select *, sum(case when reach >= period_start then 0 else 1 end)
        over (partition by project order by period_start, period_end) as island
      from (
        select *, max(period_end) over (partition by project order by period_start, period_end
          rows between unbounded preceding and 1 preceding) as reach
        from (
          select project, period_start, period_end, coalesce(max(verified), 0) as verified, sum(tonnes) as tonnes
          from import_rows where import_id = ${importId} and refusal_code is null and issues
          group by project, period_start, period_end) periods) reaching) islands
    group by project, island`.execute(db);
  await sql`analyze import_periods`.execute(db);
  await sql`
    update import_periods p set existing_id = s.id from statements s
    where p.import_id = ${importId} and s.project_code = p.project and s.period_start <= p.period_start
      and s.period_end >= p.period_end`.execute(db);
  await sql`
    update import_rows r set refusal_code = 'period-overlap',
      refusal = 'The period shares days with one that the ledger has a statement about, and is not within it.'
    from import_periods p
    where r.import_id = ${importId} and ${isWithinPeriod} and r.issues and r.refusal_code is null
      and p.existing_id is null and exists (
        select 1 from statements s where s.project_code = p.project and s.period_start <= p.period_end
          and s.period_end >= p.period_start)`.execute(db);
  await sql`
    update import_rows r set refusal_code = 'beyond-verified',
      refusal = 'The ledger''s statement about the period has ' || o.left_tonnes || ' t left, and the file asks for more.'
    from (
      select p.project, p.period_start, p.period_end, s.verified_tonnes - s.claimed_tonnes as left_tonnes, sum(r.tonnes) as asked
      from import_periods p
      join statements s on s.id = p.existing_id
      join import_rows r on ${isWithinPeriod} and r.issues and not r.is_proposed and r.refusal_code is null
      where p.import_id = ${importId}
      group by p.project, p.period_start, p.period_end, s.verified_tonnes, s.claimed_tonnes) o
    where r.import_id = ${importId} and r.refusal_code is null and r.issues and r.project = o.project
      and r.period_start between o.period_start and o.period_end and o.asked > o.left_tonnes`.execute(db);
}

async function planProjects(db: Db, { importId, ownerId }: Terms): Promise<void> {
  await sql`
    insert into import_projects (import_id, code, source, target, from_status)
    select distinct on (r.project) ${importId}, r.project, coalesce(r.project_source, '{}'), r.project_target, p.status
    from import_rows r left join projects p on p.code = r.project
    where r.import_id = ${importId} and r.refusal_code is null and r.project in (
      select project from import_rows where import_id = ${importId} and refusal_code is null and (issues or tonnes is null))
    order by r.project, r.project_source is null, r.number`.execute(db);
  await sql`
    update import_rows r set refusal_code = 'project-conflict',
      refusal = 'The project ' || p.code || ' is another participant''s, or sets a part of its units aside.'
    from projects p
    where r.import_id = ${importId} and r.refusal_code is null and p.code = r.project and (r.issues or r.tonnes is null)
      and (p.owner_id <> ${ownerId} or (r.issues and p.buffer_basis_points <> 0))`.execute(db);
  const ways = await db
    .selectFrom("import_projects")
    .select(["from_status", "target"])
    .where("import_id", "=", importId)
    .where("from_status", "is not", null)
    .distinct()
    .execute();
  for (const { from_status: from, target } of ways) {
    if (pathTo(from as ProjectStatus, target as ProjectStatus) !== null) continue;
    await sql`
      update import_rows r set refusal_code = 'project-conflict',
        refusal = 'The project ' || p.code || ' is ' || p.from_status || ' and cannot become ' || p.target || '.'
      from import_projects p
      where r.import_id = ${importId} and p.import_id = r.import_id and p.code = r.project and r.refusal_code is null
        and (r.issues or r.tonnes is null) and p.from_status = ${from} and p.target = ${target}`.execute(db);
  }
}

/** Blocks of a series go in ascending order: then the block before each is known beforehand. */
async function placeRows(db: Db, { importId }: Terms): Promise<void> {
  await sql`
    update import_rows r set place = o.place, period_from = o.period_from, hint = o.hint
    from (
      select q.number, q.place, q.period_from, case when q.programme is null then null
        else greatest(coalesce(q.start_before, 0), coalesce(f.start_serial, 0)) end as hint
      from (
        select r.number, r.programme, r.series, r.serial_start, p.period_start as period_from,
          row_number() over (order by r.programme nulls first, r.series, r.serial_start, r.number) as place,
          max(case when r.issues then r.serial_start end) over (partition by r.programme, r.series
            order by r.serial_start, r.number rows between unbounded preceding and 1 preceding) as start_before
        from import_rows r left join import_periods p on r.issues and ${isWithinPeriod}
        where r.import_id = ${importId} and r.refusal_code is null and (r.issues or r.ends_now)) q
      left join lateral (
        select max(start_serial) as start_serial from foreign_blocks
        where programme = q.programme and series = q.series and start_serial < q.serial_start) f on true) o
    where r.import_id = ${importId} and r.number = o.number
      and (r.place, r.period_from, r.hint) is distinct from (o.place, o.period_from, o.hint)`.execute(db);
}

async function tallyOf(db: Db, { importId }: Terms): Promise<Tally> {
  const { rows } = await sql<{ rows: bigint; refused: bigint; known: bigint; ends: boolean | null }>`
    select count(*) as rows, count(refusal_code) as refused, bool_or(ends_now) as ends,
      count(*) filter (where refusal_code is null and tonnes is not null and not issues and not ends_now) as known
    from import_rows where import_id = ${importId}`.execute(db);
  const [row] = rows;
  return {
    rows: row?.rows ?? 0n,
    refused: row?.refused ?? 0n,
    known: row?.known ?? 0n,
    hasEnds: row?.ends ?? false,
  };
}
