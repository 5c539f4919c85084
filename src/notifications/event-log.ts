import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import { TRADE_SENT, TRADE_VIEW, VIEW_COLUMNS } from "../operations/service.js";
import { toEvent, type LoggedRow, type OperationEvent } from "./events.js";

/** From which event to which the log goes now. */
export interface LogBounds {
  /** Number of the oldest event that is kept; as `next` when none is. */
  readonly oldest: number;
  /** Number that the next event will have. */
  readonly next: number;
}

/** Events in a row. */
export interface LogPage {
  readonly events: readonly OperationEvent[];
  /** The next page begins after this one. */
  readonly last: number;
}

/**
 * The durable log of what happened to operations. Whoever writes an operation adds a row without a number, in the same transaction and at
 * next to no cost; numbers are given afterwards, by whoever wants to tell, one process at a time. Hence an event with a higher number
 * never shows before one with a lower one, and a reader that knows where it was misses nothing.
 */
export interface EventLog {
  /** Gives numbers to what has none. @returns The number that the next event will have. */
  number(): Promise<number>;
  bounds(): Promise<LogBounds>;
  /** The events after one, some hundred at a time, as long as they have numbers. Empty at the end. */
  after(sequence: number): Promise<LogPage>;
  /** Forgets what was written before a time. */
  prune(before: Date): Promise<void>;
}

/** Rows that get their numbers in one transaction. */
const NUMBERED_AT_ONCE = 1_000;
/** Rows and events that are read at once. A row is never read in part. */
const ROWS = 64;
const EVENTS = 500;
/** Rows that are forgotten by one statement. */
const PRUNED_AT_ONCE = 2_000;

export function createEventLog(db: Db): EventLog {
  async function numberSome(): Promise<{ readonly next: bigint; readonly rows: number }> {
    return db.transaction().execute(async (trx) => {
      // The lock makes the next statement see all that others have numbered.
      const { next } = await trx
        .selectFrom("notification_counter")
        .select("next")
        .forUpdate()
        .executeTakeFirstOrThrow();
      const { rows } = await sql<{ count: number }>`
        with untold as (
          select id, cardinality(operations) as count from operation_log where first is null order by id limit ${NUMBERED_AT_ONCE}),
        placed as (select id, count, sum(count) over (order by id) - count as before from untold)
        update operation_log log set first = ${next}::int8 + placed.before from placed
        where log.id = placed.id and log.first is null
        returning placed.count`.execute(trx);
      const after = next + BigInt(rows.reduce((sum, { count }) => sum + count, 0));
      if (rows.length > 0) await trx.updateTable("notification_counter").set({ next: after }).execute();
      return { next: after, rows: rows.length };
    });
  }

  return {
    async number() {
      const { rows } = await sql<{ next: bigint; is_open: boolean }>`
        select next, exists (select 1 from operation_log where first is null) as is_open
        from notification_counter`.execute(db);
      if (rows[0]?.is_open === false) return Number(rows[0].next);
      for (;;) {
        const numbered = await numberSome();
        if (numbered.rows < NUMBERED_AT_ONCE) return Number(numbered.next);
      }
    },

    async bounds() {
      const { rows } = await sql<{ next: bigint; oldest: bigint | null }>`
        select next, (select min(first) from operation_log where first is not null) as oldest
        from notification_counter`.execute(db);
      const next = rows[0]?.next ?? 1n;
      return { oldest: Number(rows[0]?.oldest ?? next), next: Number(next) };
    },

    async after(sequence) {
      const range = await rangeAfter(db, sequence);
      if (range === null) return { events: [], last: sequence };
      const rows = await sql<LoggedRow>`
        select log.first + entry.place - 1 as sequence, log.at, log.status as came, coalesce(log.tx_hashes[entry.place], log.tx_hash) as sent_in,
          operation.*
        from operation_log log
        cross join lateral unnest(log.operations) with ordinality as entry(seq, place)
        cross join lateral (
          select ${VIEW}, null::int4 as buyer, null::int4 as seller from operations where operations.seq = entry.seq
          union all
          select ${TRADE_VIEW}, trades.buyer_participant_id, trades.seller_participant_id from trades ${TRADE_SENT}
          where trades.seq = entry.seq) operation
        where log.first between ${range.from}::int8 and ${range.to}::int8
        order by 1`.execute(db);
      const events = rows.rows.map(toEvent).filter((event) => event.sequence > sequence);
      return { events, last: range.last };
    },

    async prune(before) {
      for (;;) {
        const { numAffectedRows = 0n } = await sql`
          delete from operation_log where first in (
            select first from (
              select first, at from operation_log where first is not null order by first limit ${PRUNED_AT_ONCE}) oldest
            where at < ${before.toISOString()}::timestamptz)`.execute(db);
        if (numAffectedRows < BigInt(PRUNED_AT_ONCE)) return;
      }
    },
  };
}

const VIEW = sql.join(VIEW_COLUMNS.map((column) => sql.ref(`operations.${column}`)));

/** Which rows of the log come next: the one with the event after `sequence`, and as many more as are read at once. */
async function rangeAfter(
  db: Db,
  sequence: number,
): Promise<{ readonly from: bigint; readonly to: bigint; readonly last: number } | null> {
  const { rows } = await sql<{ first: bigint; count: number }>`
    select first, cardinality(operations) as count from operation_log
    where first >= (select coalesce(max(first), 0) from operation_log where first <= ${sequence + 1}::int8)
    order by first limit ${ROWS}`.execute(db);
  const open = rows.filter((row) => Number(row.first) + row.count > sequence + 1);
  const [from] = open;
  if (from === undefined) return null;
  let to = from;
  for (const row of open) {
    if (row !== from && Number(row.first - from.first) + row.count > EVENTS) break;
    to = row;
  }
  return { from: from.first, to: to.first, last: Number(to.first) + to.count - 1 };
}

/**
 * Checks that a reader who comes back finds everything after the event that it saw last.
 * @throws Problem `stream-too-old` when some of it is forgotten, or no such event was ever told
 */
export function checkKept(sequence: number, { oldest, next }: LogBounds): void {
  if (sequence >= oldest - 1 && sequence < next) return;
  throw new Problem(
    "stream-too-old",
    `The events from ${oldest} to ${next - 1} are kept: the stream cannot go on after ${sequence}.`,
  );
}
