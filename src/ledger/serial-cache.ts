import { sql } from "kysely";

import type { Session } from "../db/connection.js";
import { copyRows } from "../db/copy.js";
import { jsonText } from "../db/json.js";
import { FoldError, type Row } from "./row-cache.js";
import { SerialPartition, type OwnedRange, type SerialOwner, type SerialRange } from "./serial-partition.js";

/** Serials of a batch that a range of blocks moves. */
export interface TouchedRange extends SerialRange {
  readonly batch: string;
}

/**
 * The parts of the `serial_blocks` partition that a range of blocks touches: the runs that hold a moved serial, and their neighbours,
 * whatever the number of blocks that a holder has otherwise.
 */
export class SerialCache {
  readonly #session: Session;
  readonly #partitions = new Map<string, SerialPartition>();
  readonly #stored = new Map<string, OwnedRange>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Reads what may be needed. To be called once, before any change, with all that will move. */
  async load(touched: readonly TouchedRange[]): Promise<void> {
    if (touched.length === 0) return;
    const wanted = merged(touched).map(({ batch, start, end }) => ({ batch, low: start - 1n, high: end + 1n }));
    // Each wanted range: the run that reaches into it from below, and the runs that start inside it. Both use the primary key.
    const result = await sql<Row<"serial_blocks">>`
      with wanted as (select * from jsonb_to_recordset(${jsonText(wanted)}::jsonb) as w(batch text, low numeric, high numeric))
      select b.* from wanted w cross join lateral (
        select * from serial_blocks where batch_code = w.batch and start_serial < w.low order by start_serial desc limit 1) b
      union
      select b.* from wanted w join serial_blocks b
        on b.batch_code = w.batch and b.start_serial >= w.low and b.start_serial <= w.high`.execute(this.#session);
    const runs = new Map<string, OwnedRange[]>();
    for (const row of result.rows) {
      const range: OwnedRange = {
        start: row.start_serial,
        end: row.end_serial,
        state: row.state,
        account: row.account,
        recordId: row.record_id,
      };
      this.#stored.set(keyOf(row.batch_code, range.start), range);
      runs.set(row.batch_code, [...(runs.get(row.batch_code) ?? []), range]);
    }
    for (const [batch, list] of runs) this.#partitions.set(batch, new SerialPartition(list));
  }

  issue(batch: string, ranges: readonly SerialRange[], owner: SerialOwner): void {
    for (const range of ranges) this.#partition(batch).add(range, owner);
  }

  move(batch: string, ranges: readonly SerialRange[], from: SerialOwner, to: SerialOwner): void {
    for (const range of ranges) this.#partition(batch).move(range, from, to);
  }

  /** Writes the difference to what was read. */
  async flush(): Promise<void> {
    const added: Row<"serial_blocks">[] = [];
    const changed: Row<"serial_blocks">[] = [];
    const gone = new Map(this.#stored);
    for (const [batch, partition] of this.#partitions) {
      for (const range of partition.runs()) {
        const key = keyOf(batch, range.start);
        const stored = this.#stored.get(key);
        gone.delete(key);
        if (stored === undefined) added.push(rowOf(batch, range));
        else if (!isSame(stored, range)) changed.push(rowOf(batch, range));
      }
    }
    await Promise.all([
      this.#delete([...gone.keys()]),
      this.#upsert(changed),
      copyRows(this.#session, "serial_blocks", added),
    ]);
  }

  async #delete(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const rows = keys.map((key) => {
      const [batch, start] = key.split(" ");
      return { batch_code: batch, start_serial: start };
    });
    await sql`delete from serial_blocks where (batch_code, start_serial) in (select batch_code, start_serial
      from json_populate_recordset(null::serial_blocks, ${jsonText(rows)}::json))`.execute(this.#session);
  }

  async #upsert(rows: readonly Row<"serial_blocks">[]): Promise<void> {
    if (rows.length === 0) return;
    await sql`insert into serial_blocks select * from json_populate_recordset(null::serial_blocks, ${jsonText(rows)}::json)
      on conflict (batch_code, start_serial) do update set end_serial = excluded.end_serial, state = excluded.state,
        account = excluded.account, record_id = excluded.record_id`.execute(this.#session);
  }

  #partition(batch: string): SerialPartition {
    const known = this.#partitions.get(batch);
    if (known !== undefined) return known;
    const created = new SerialPartition();
    this.#partitions.set(batch, created);
    return created;
  }
}

/** Ranges that overlap or follow one another as one: a transaction often moves one block after the other. */
function merged(touched: readonly TouchedRange[]): TouchedRange[] {
  const sorted = [...touched].sort((a, b) =>
    a.batch === b.batch ? Number(a.start - b.start) : a.batch < b.batch ? -1 : 1,
  );
  const ranges: TouchedRange[] = [];
  for (const range of sorted) {
    const last = ranges.at(-1);
    if (last?.batch !== range.batch || range.start > last.end + 1n) ranges.push(range);
    else if (range.end > last.end) ranges[ranges.length - 1] = { ...last, end: range.end };
  }
  return ranges;
}

function isSame(a: OwnedRange, b: OwnedRange): boolean {
  return (
    a.start === b.start &&
    a.end === b.end &&
    a.state === b.state &&
    a.account === b.account &&
    a.recordId === b.recordId
  );
}

/** Codes have no spaces. */
function keyOf(batch: string, start: bigint): string {
  return `${batch} ${start}`;
}

function rowOf(batch: string, { start, end, state, account, recordId }: OwnedRange): Row<"serial_blocks"> {
  if (state === "burning") throw new FoldError(`serials ${start}-${end} of ${batch} were burnt without a record`);
  return { batch_code: batch, start_serial: start, end_serial: end, state, account, record_id: recordId };
}
