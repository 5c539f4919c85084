import { sql } from "kysely";

import type { Db } from "../../db/connection.js";
import type { Row } from "../row-cache.js";

/** No block of serials is longer than 2^40, and no serial is greater. */
const LAST_LENGTH_CLASS = 40;
const SERIAL_LIMIT = 1n << 40n;

/**
 * Everything that moved a serial, in chain order: one probe of the index for each class of lengths, whatever the number of moves of the
 * batch.
 * @param limit the most moves in the answer.
 */
export async function movesOfSerial(
  db: Db,
  batch: string,
  serial: bigint,
  limit: number,
): Promise<Row<"serial_moves">[]> {
  if (serial < 0n || serial >= SERIAL_LIMIT) return [];
  const number = sql`${serial}::int8`;
  const result = await sql<Row<"serial_moves">>`
    select m.* from generate_series(0, ${sql.lit(LAST_LENGTH_CLASS)}) c cross join lateral (
      select * from serial_moves where batch_code = ${batch} and length_class = c and start_serial <= ${number}
        and start_serial > ${number} - (1::int8 << c) and end_serial >= ${number} offset 0) m
    order by m.block_number, m.log_index limit ${sql.lit(limit)}`.execute(db);
  return result.rows;
}
