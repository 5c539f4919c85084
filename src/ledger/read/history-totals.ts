import { sql, type RawBuilder } from "kysely";

import type { RollupDimension } from "../../db/audit-read-model-tables.js";
import type { Db } from "../../db/connection.js";
import { Problem } from "../../errors.js";
import { monthOf } from "../months.js";
import { allOf, conditionsOf } from "./history-query.js";
import { GROUPS, type GroupBy, type GroupTotal, type HistoryFilter, type HistorySubject } from "./history-types.js";

const MOST_GROUPS = 5_000;
const MOST_RECORDS = 200_000;
/** The last second of the year 9999. */
const LAST_TIME = 253_402_300_799n;

interface TotalRow {
  readonly key: string;
  readonly records: bigint;
  readonly tonnes: bigint;
  readonly value: bigint;
}

/**
 * Sums of the records that fit, by group, in the order of keys. Whole months, and what the counters are kept by, are read from the
 * counters: then the cost is that of the groups, not of the records.
 * @throws Problem `history-too-wide` when the answer has more than 5,000 groups, or needs more than 200,000 records to be read.
 */
export async function readTotals(
  db: Db,
  subject: HistorySubject,
  filter: HistoryFilter,
  groupBy: GroupBy,
): Promise<GroupTotal[]> {
  if (!GROUPS[subject].includes(groupBy)) throw new RangeError(`${subject} have no ${groupBy}`);
  const counters = countersFor(subject, filter, groupBy);
  const rows =
    counters === null
      ? await sumRecords(db, subject, filter, groupBy)
      : await readCounters(db, subject, counters, groupBy);
  if (rows.length > MOST_GROUPS) {
    throw new Problem("history-too-wide", `The answer has more than ${MOST_GROUPS} groups: ask for a shorter time.`);
  }
  const totals = rows.map(({ key, records, tonnes, value }) => ({
    key: groupBy === "month" ? `${key.slice(0, -2)}-${key.slice(-2)}` : key,
    records,
    tonnes,
    value: subject === "trades" ? value : null,
  }));
  return totals.sort((a, b) => compareKeys(a.key, b.key));
}

/** Which counters answer a question. */
interface Counters {
  readonly dimension: RollupDimension;
  /** Null: all of them. */
  readonly keys: readonly string[] | null;
  readonly fromMonth: number;
  readonly toMonth: number;
}

/** Filters that counters are kept by, with the dimension. */
const COUNTED: Readonly<Partial<Record<keyof HistoryFilter, RollupDimension>>> = {
  projects: "project",
  batch: "batch",
  vintage: "vintage",
  participantId: "firm",
  participantIds: "firm",
  purpose: "purpose",
  reason: "reason",
  kind: "kind",
};

/** Null when records have to be read. */
function countersFor(
  subject: HistorySubject,
  { fromTime: from, toTime: to, ...filter }: HistoryFilter,
  groupBy: GroupBy,
): Counters | null {
  const [fromTime, toTime] = [from, to].map((time) => (time !== undefined && time > LAST_TIME ? LAST_TIME : time));
  const isFromMonth = fromTime === undefined || monthOf(fromTime - 1n) !== monthOf(fromTime);
  const isToMonth = toTime === undefined || monthOf(toTime) !== monthOf(toTime + 1n);
  if (!isFromMonth || !isToMonth) return null;
  const fromMonth = fromTime === undefined ? 0 : monthOf(fromTime);
  const toMonth = toTime === undefined ? 999_912 : monthOf(toTime);
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const isPlain = groupBy === "none" || groupBy === "month";
  const [first, second] = given;
  if (first === undefined) return { dimension: isPlain ? "all" : groupBy, keys: null, fromMonth, toMonth };
  const dimension = COUNTED[first[0] as keyof HistoryFilter];
  if (second !== undefined || dimension === undefined || !(isPlain || groupBy === dimension)) return null;
  if (!(GROUPS[subject] as readonly string[]).includes(dimension)) return null;
  const value: unknown = first[1];
  const keys = (Array.isArray(value) ? value : [value]).map(String);
  return { dimension, keys, fromMonth, toMonth };
}

async function readCounters(
  db: Db,
  subject: HistorySubject,
  { dimension, keys, fromMonth, toMonth }: Counters,
  groupBy: GroupBy,
): Promise<TotalRow[]> {
  const key = groupBy === "none" ? sql`''` : groupBy === "month" ? sql`month::text` : sql`key`;
  const wanted = keys === null ? sql`true` : keys.length === 0 ? sql`false` : sql`key in (${sql.join(keys)})`;
  const grouped = groupBy === "none" ? sql`` : sql`group by 1 having sum(records) <> 0`;
  const result = await sql<TotalRow>`select ${key} as key, ${SUMS} from rollups
    where subject = ${subject} and dimension = ${dimension} and ${wanted} and month between ${fromMonth} and ${toMonth}
    ${grouped} limit ${sql.lit(MOST_GROUPS + 1)}`.execute(db);
  return result.rows;
}

const SUMS = sql`coalesce(sum(records), 0) as records, coalesce(sum(tonnes), 0) as tonnes, coalesce(sum(value), 0) as value`;

const VALUE_OF_NONE = sql`0::numeric as value`;
const OF_BATCH = sql`join batches b on b.code = h.batch_code`;
const MONTH = (time: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`to_char(to_timestamp(${time}) at time zone 'UTC', 'YYYYMM')`;

/** Where the facts of a record are, one row for each. */
const RECORDS: Readonly<Record<HistorySubject, RawBuilder<unknown>>> = {
  retirements: sql`select h.project_code as project, h.batch_code as batch, h.participant_id::text as firm, h.vintage::text as vintage,
    h.purpose, h.month::text as month, h.tonnes, ${VALUE_OF_NONE} from retirements h where true`,
  cancellations: sql`select h.project_code as project, h.batch_code as batch, h.participant_id::text as firm, h.vintage::text as vintage,
    h.reason, h.month::text as month, h.tonnes, ${VALUE_OF_NONE} from cancellations h where true`,
  issuances: sql`select h.project_code as project, h.vintage::text as vintage, ${MONTH(sql`d.timestamp`)} as month, h.tonnes,
    ${VALUE_OF_NONE} from issuances h join blocks d on d.number = h.decided_block where h.status = 'approved'`,
  transfers: sql`select b.project_code as project, h.batch_code as batch, h.kind, ${MONTH(sql`h.timestamp`)} as month, h.tonnes,
    ${VALUE_OF_NONE} from transfers h ${OF_BATCH} where true`,
  trades: sql`select b.project_code as project, h.batch_code as batch, h.buyer, h.seller, ${MONTH(sql`h.timestamp`)} as month, h.tonnes,
    h.tonnes * h.price as value from settled_trades h ${OF_BATCH} where true`,
};

async function sumRecords(
  db: Db,
  subject: HistorySubject,
  filter: HistoryFilter,
  groupBy: GroupBy,
): Promise<TotalRow[]> {
  const { facts, words } = await conditionsOf(db, subject, filter);
  const records = sql`${RECORDS[subject]} and ${allOf([...facts, ...words])}`;
  const counted = await sql<{ n: bigint }>`select count(*) as n from (select 1 from (${records}) r
    limit ${sql.lit(MOST_RECORDS + 1)}) c`.execute(db);
  if ((counted.rows[0]?.n ?? 0n) > MOST_RECORDS) {
    throw new Problem(
      "history-too-wide",
      `More than ${MOST_RECORDS} records fit: ask for a shorter time, or for one project, firm or batch.`,
    );
  }
  const key = groupBy === "none" ? sql`''` : sql.ref(`r.${groupBy}`);
  const grouped = groupBy === "none" ? sql`` : sql`group by 1`;
  const result = await sql<TotalRow>`select ${key} as key, count(*) as records, coalesce(sum(tonnes), 0) as tonnes,
    coalesce(sum(value), 0) as value from (${records}) r ${grouped} limit ${sql.lit(MOST_GROUPS + 1)}`.execute(db);
  return result.rows;
}

function compareKeys(a: string, b: string): number {
  const areNumbers = /^\d+$/.test(a) && /^\d+$/.test(b);
  if (areNumbers) return Number(a) - Number(b);
  return a < b ? -1 : a > b ? 1 : 0;
}
