import { sql } from "kysely";

import type { Db } from "../db/connection.js";

export type TotalsBy = "project" | "vintage" | "year";

/** Sums of the rows with one key, and what the ledger has of the very serials of these rows. Tonnes. */
export interface ImportTotal {
  readonly key: string;
  readonly rows: bigint;
  readonly fileTonnes: bigint;
  readonly issuedTonnes: bigint;
  readonly retiredTonnes: bigint;
  readonly cancelledTonnes: bigint;
}

/** The most keys of an answer: more projects than any registry has. */
const MOST_KEYS = 20_000;

/** The year is that of the issuance in the other registry. */
export async function readTotals(db: Db, importId: string, by: TotalsBy): Promise<ImportTotal[]> {
  const key = {
    project: sql`project`,
    vintage: sql`vintage::text`,
    year: sql`extract(year from date '1970-01-01' + issued_on)::text`,
  }[by];
  // The run of serials that reaches into a row's block from below, and those that begin inside it: both by the primary key.
  const { rows } = await sql<ImportTotal>`
    with counted as (
      select ${key} as key, batch, tonnes, batch_start as first, batch_start + tonnes - 1 as last from import_rows
      where import_id = ${importId} and tonnes is not null and refusal_code is null)
    select key, count(*) as rows, sum(tonnes)::numeric(20,0) as "fileTonnes", ${tonnesIn("l.issued")} as "issuedTonnes",
      ${tonnesIn("l.retired")} as "retiredTonnes", ${tonnesIn("l.cancelled")} as "cancelledTonnes"
    from counted c cross join lateral (
      select sum(part.tonnes) as issued, sum(part.tonnes) filter (where part.state = 'retired') as retired,
        sum(part.tonnes) filter (where part.state = 'cancelled') as cancelled
      from (
        select s.state, least(s.end_serial, c.last) - greatest(s.start_serial, c.first) + 1 as tonnes from serial_blocks s
        where s.batch_code = c.batch and s.start_serial <= c.last and s.end_serial >= c.first
          and s.start_serial >= coalesce((
            select max(b.start_serial) from serial_blocks b where b.batch_code = c.batch and b.start_serial <= c.first), 0)
      ) part) l
    group by key order by key collate "C" limit ${sql.lit(MOST_KEYS)}`.execute(db);
  return rows;
}

function tonnesIn(column: string) {
  return sql`coalesce(sum(${sql.ref(column)}), 0)::numeric(20,0)`;
}
