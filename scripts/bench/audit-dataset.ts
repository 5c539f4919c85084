import { sql } from "kysely";
import type { Db } from "../../src/db/connection.js";

/** Projects, firms and beneficiaries that the made-up retirements are spread over. */
export const PROJECTS = 50;
export const FIRMS = 500;

const AT_ONCE = 50_000;

/** Fills the read model with retirements `from` to `to`, in the shape that the projector gives them, and lets the planner count them. */
export async function fillRetirements(db: Db, from: number, to: number): Promise<void> {
  for (let first = from; first <= to; first += AT_ONCE) {
    const last = Math.min(to, first + AT_ONCE - 1);
    await sql`
      insert into retirements (id, batch_code, tonnes, blocks, account, participant_id, beneficiary, beneficiary_id,
        purpose, reason, details, consumption_country, consumption_period_start, consumption_period_end, retired_at, record_hash,
        block_number, log_index, tx_hash, project_code, vintage, month, search)
      select i, 'BATCH-' || i % ${PROJECTS}::int, 1 + (i * 7919) % 10000,
        jsonb_build_array(jsonb_build_object('start', i::text, 'end', i::text)),
        '0x' || lpad(to_hex(i % ${FIRMS}::int), 40, '0'), 1 + i % ${FIRMS}::int, 'Công ty số ' || i, 'ID' || i,
        (array['voluntary', 'compliance', 'corsia', 'other'])[1 + i % 4], 'net zero', 'made for a measurement', 'VN', 19000, 19365,
        1700000000 + i, '0x' || lpad(to_hex(i), 64, '0'), i, 0, '0x' || lpad(to_hex(i), 64, '0'),
        'PROJECT-' || i % ${PROJECTS}::int, 2015 + i % 10, 202401,
        ('''cong'' ''ty'' ''so'' ''n' || i || ''' ''net'' ''zero''')::tsvector
      from generate_series(${first}::int, ${last}::int) as i`.execute(db);
  }
  await sql`vacuum analyze retirements`.execute(db);
}
