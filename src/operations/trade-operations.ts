import { sql, type RawBuilder } from "kysely";

import type { Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import { IS_UNSETTLED } from "../db/unsettled-trades.js";
import type { OperationFilter } from "./service.js";
import type { OperationRow } from "./view.js";

/** The kind of operation that a trade is. */
export const TRADE_KIND = "settlement";

/** As it is shown with, of a trade of the table `trades` and the transaction in `sent` that carries it and is open. */
export const TRADE_VIEW = sql`
  trades.id, trades.seq, ${sql.lit(TRADE_KIND)} as kind,
  case trades.status when 'settled' then 'final' when 'failed' then 'rejected'
    else case when sent.hash is null then 'accepted' else 'sent' end end as status,
  null as account, null::int4 as participant_id, null as role, null as intent_hash, coalesce(trades.tx_hash, sent.hash) as tx_hash,
  trades.block_number,
  case trades.status when 'settled' then jsonb_build_object('tradeId', trades.id, 'buyerFee', trades.buyer_fee::text,
    'sellerFee', trades.seller_fee::text) end as result,
  trades.problem, trades.matched_at as created_at, coalesce(trades.ended_at, sent.created_at, trades.matched_at) as updated_at`;

/** Joins `sent` to `trades`. */
export const TRADE_SENT = sql`
  left join lateral (
    select t.hash, t.created_at from transaction_operations carrier join transactions t on t.hash = carrier.tx_hash
    where trades.status = 'matched' and carrier.operation_id = trades.id and t.status = 'signed'
    order by t.seq desc limit 1) sent on true`;

/** Trades as operations, which they are without having a row among them. */
export async function findTradeOperations(db: Db, ids: readonly string[]): Promise<OperationRow[]> {
  const { rows } = await sql<OperationRow>`
    select ${TRADE_VIEW} from trades ${TRADE_SENT}
    where trades.id in (select jsonb_array_elements_text(${jsonText(ids)}::text::jsonb))`.execute(db);
  return rows;
}

/** The newest first. */
export async function listTradeOperations(
  db: Db,
  filter: OperationFilter,
  limit: number,
  before: bigint | undefined,
): Promise<OperationRow[]> {
  const { status, kind, account, participantId, txHash, since } = filter;
  // A trade has two of each: it is nobody's operation alone.
  if ((kind ?? TRADE_KIND) !== TRADE_KIND || account !== undefined || participantId !== undefined) return [];
  const conditions: RawBuilder<unknown>[] = [sql`true`];
  if (status !== undefined) conditions.push(STATUS[status]);
  if (since !== undefined) conditions.push(sql`trades.matched_at >= ${since.toISOString()}::timestamptz`);
  if (before !== undefined) conditions.push(sql`trades.seq < ${before}`);
  if (txHash !== undefined) {
    conditions.push(sql`trades.id in (select operation_id from transaction_operations where tx_hash = ${txHash})`);
    conditions.push(sql`coalesce(trades.tx_hash, sent.hash) = ${txHash}`);
  }
  const { rows } = await sql<OperationRow>`
    select ${TRADE_VIEW} from trades ${TRADE_SENT}
    where ${sql.join(conditions, sql` and `)} order by trades.seq desc limit ${limit}`.execute(db);
  return rows;
}

const STATUS = {
  accepted: sql`${IS_UNSETTLED} and sent.hash is null`,
  sent: sql`${IS_UNSETTLED} and sent.hash is not null`,
  final: sql`trades.status = 'settled'`,
  rejected: sql`trades.status = 'failed'`,
};
