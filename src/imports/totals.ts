import { sql } from "kysely";

import type { Db } from "../db/connection.js";

export type TotalsBy = "project" | "vintage" | "year";

/** Sums of the rows with one key, and what the ledger has of their batches. Tonnes. */
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
  const { rows } = await sql<ImportTotal>`
    with counted as (
      select ${key} as key, batch, tonnes from import_rows
      where import_id = ${importId} and tonnes is not null and refusal_code is null)
    select f.key, f.rows, f.tonnes as "fileTonnes", coalesce(l.issued, 0) as "issuedTonnes",
      coalesce(l.retired, 0) as "retiredTonnes", coalesce(l.cancelled, 0) as "cancelledTonnes"
    from (select key, count(*) as rows, sum(tonnes)::numeric(20,0) as tonnes from counted group by key) f
    left join (
      select c.key, sum(b.issued_tonnes)::numeric(20,0) as issued, sum(b.retired_tonnes)::numeric(20,0) as retired,
        sum(b.cancelled_tonnes)::numeric(20,0) as cancelled
      from (select distinct key, batch from counted) c join batches b on b.code = c.batch group by c.key) l on l.key = f.key
    order by f.key collate "C" limit ${sql.lit(MOST_KEYS)}`.execute(db);
  return rows;
}
