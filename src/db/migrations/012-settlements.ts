import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Where an operation of the lane of trades goes on: its number, its deal, and its fate, which may not have been told to the trade yet. */
const MERGE = `
alter table trades add column deal jsonb, add column ended_at timestamptz;
update trades set seq = -seq;
update trades t set seq = o.seq, deal = o.payload -> 'deal',
  ended_at = case when o.status in ('final', 'rejected') then o.updated_at end,
  status = case o.status when 'final' then 'settled' when 'rejected' then 'failed' else t.status end,
  tx_hash = case when o.status in ('final', 'rejected') then o.tx_hash end,
  block_number = o.block_number, problem = o.problem, buyer_fee = (o.result ->> 'buyerFee')::numeric,
  seller_fee = (o.result ->> 'sellerFee')::numeric
from operations o where o.id = t.id;
delete from operations where lane = 'settlement';
alter table trades alter column seq set default nextval('operations_seq_seq');
drop sequence trades_seq_seq;
drop index trades_open;
alter table trades set (fillfactor = 45);
create table unsettled_trades (seq int8 primary key);
insert into unsettled_trades select seq from trades where status = 'matched'
`;

const PART = `
drop table unsettled_trades;
alter table trades reset (fillfactor);
create index trades_open on trades (seq) where status = 'matched';
create sequence trades_seq_seq owned by trades.seq;
select setval('trades_seq_seq', coalesce(max(seq), 1)) from trades;
alter table trades alter column seq set default nextval('trades_seq_seq');
insert into operations (id, seq, kind, status, lane, request, payload, tx_hash, block_number, result, problem, created_at, updated_at)
select t.id, t.seq, 'settlement',
  case t.status when 'settled' then 'final' when 'failed' then 'rejected'
    else case when s.hash is null then 'accepted' else 'sent' end end,
  'settlement',
  jsonb_build_object('batch', batch_code, 'mode', mode, 'buyer', buyer, 'seller', seller, 'tonnes', tonnes::text, 'price', price::text),
  case when deal is null
    then jsonb_build_object('taker', taker_hash, 'maker', maker_hash, 'tonnes', tonnes::text, 'price', price::text)
    else jsonb_build_object('hash', taker_hash, 'deal', deal) end,
  coalesce(t.tx_hash, s.hash), t.block_number,
  case t.status when 'settled'
    then jsonb_build_object('tradeId', t.id, 'buyerFee', buyer_fee::text, 'sellerFee', seller_fee::text) end,
  t.problem, t.matched_at, coalesce(t.ended_at, t.matched_at)
from trades t left join lateral (
  select x.hash from transaction_operations c join transactions x on x.hash = c.tx_hash
  where c.operation_id = t.id and x.status = 'signed' limit 1) s on true;
alter table trades drop column deal, drop column ended_at
`;

/**
 * A trade is its own operation: one row is written where there were two, and it is written twice in its life instead of five times. The
 * second time no index is touched, and the new version finds room beside the old one: what is open stands in a table of its own. An index
 * of open trades would keep an entry of every trade that ever was open, where nothing vacuums.
 * Commands in the log are mostly digests and signatures, which do not shrink: to compress them costs more than to keep them as they are.
 */
export const settlementsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table market_log alter column commands set storage external`.execute(db);
    for (const statement of MERGE.split(";")) await sql.raw(statement).execute(db);
  },

  async down(db: Kysely<unknown>): Promise<void> {
    for (const statement of PART.split(";")) await sql.raw(statement).execute(db);
    await sql`alter table market_log alter column commands set storage extended`.execute(db);
  },
};
