import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";

interface Left {
  readonly account: string;
  readonly place: "account" | "exchange";
  /** Null for money. */
  readonly batch: string | null;
  readonly amount: bigint;
}

/** So many are named; the rest need not be known to see that there is something. */
const MOST_NAMED = 20;

/**
 * What accounts have that nobody could move any more once they, or their participant, may not act: money, and whatever lies on the exchange.
 * Units outside of it can still leave by a forced transfer.
 * @param account Of the participant; unset: all that it ever had.
 * @throws Problem `participant-assets-left`
 */
export async function refuseAssetsLeft(db: Db, participantId: number, account?: string): Promise<void> {
  const { rows } = await sql<Left>`
    select account, place, batch, amount from (
      select account, 'account' as place, null as batch, amount from cash_balances where amount > 0
      union all
      select account, 'exchange', nullif(batch_code, ''), amount from exchange_positions where amount > 0) as held
    where account in (select address from accounts where participant_id = ${participantId})
      and (${account ?? null}::text is null or account = ${account ?? null}::text)
    order by account, place, batch nulls first limit ${MOST_NAMED}`.execute(db);
  const [first] = rows;
  if (first === undefined) return;
  const what = first.batch === null ? `${first.amount} in cash` : `${first.amount} t of ${first.batch}`;
  const where = first.place === "exchange" ? " on the exchange" : "";
  const more = rows.length === 1 ? "" : ", and that is not all";
  throw new Problem("participant-assets-left", `${first.account} has ${what}${where}${more}.`, {
    evidence: { left: rows.map((left) => ({ ...left, amount: left.amount.toString() })) },
  });
}
