import { sql } from "kysely";

import type { RollupDimension, RollupSubject } from "../db/audit-read-model-tables.js";
import type { Session } from "../db/connection.js";
import { jsonText } from "../db/json.js";

/** A record, or the correction of one (`records` of 0 or less). */
export interface Counted {
  readonly subject: RollupSubject;
  readonly month: number;
  readonly records?: bigint;
  readonly tonnes: bigint;
  readonly value?: bigint;
  /** The key of each dimension; those that are not known are left out. */
  readonly keys: Partial<Readonly<Record<RollupDimension, string | number | undefined>>>;
}

interface Counter {
  readonly subject: RollupSubject;
  readonly dimension: RollupDimension;
  readonly key: string;
  readonly month: number;
  records: bigint;
  tonnes: bigint;
  value: bigint;
}

/** Counters by month, which a range of blocks raises. They are added to what the table has, so that nothing needs to be read. */
export class Rollups {
  readonly #session: Session;
  readonly #counters = new Map<string, Counter>();

  constructor(session: Session) {
    this.#session = session;
  }

  count({ subject, month, records = 1n, tonnes, value = 0n, keys }: Counted): void {
    for (const [name, key] of Object.entries(keys)) {
      if (key === undefined) continue;
      const dimension = name as RollupDimension;
      const id = `${subject} ${dimension} ${month} ${key}`;
      let counter = this.#counters.get(id);
      if (counter === undefined) {
        counter = { subject, dimension, key: String(key), month, records: 0n, tonnes: 0n, value: 0n };
        this.#counters.set(id, counter);
      }
      counter.records += records;
      counter.tonnes += tonnes;
      counter.value += value;
    }
  }

  /** Writes what was counted. A counter that nothing was added to gets no row, so that rows do not depend on how blocks were grouped. */
  async flush(): Promise<void> {
    const rows = [...this.#counters.values()].filter(({ records, tonnes }) => records !== 0n || tonnes !== 0n);
    this.#counters.clear();
    if (rows.length === 0) return;
    await sql`insert into rollups select * from json_populate_recordset(null::rollups, ${jsonText(rows)}::json)
      on conflict (subject, dimension, key, month) do update set records = rollups.records + excluded.records,
        tonnes = rollups.tonnes + excluded.tonnes, value = rollups.value + excluded.value`.execute(this.#session);
  }
}
