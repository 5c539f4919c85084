import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** The read model's tables of money and trades (`exchange-read-model-tables.ts` says what they mean), made as those of `002`. */
const TABLES = `
create table cash_balances (account text collate "C" primary key, amount numeric(78,0) not null);

create table cash_movements (
  account text collate "C", block_number int8, log_index int4, kind text not null, amount numeric(78,0) not null,
  balance numeric(78,0) not null, counterparty text, reference text, redemption_id int8, intent_hash text, tx_hash text not null,
  timestamp int8 not null, primary key (account, block_number, log_index));
create index cash_movements_time on cash_movements (account, timestamp, block_number, log_index);

create table cash_deposits (
  reference text collate "C" primary key, account text collate "C" not null, amount numeric(78,0) not null, status text not null,
  proposer text, decided_by text, proposed_block int8, proposed_tx_hash text, decided_block int8, decided_tx_hash text,
  timestamp int8 not null, block_number int8 not null, log_index int4 not null);
create unique index cash_deposits_place on cash_deposits (block_number, log_index);
create index cash_deposits_account on cash_deposits (account, block_number, log_index);

create table redemptions (
  id int8 primary key, account text collate "C" not null, amount numeric(78,0) not null, payout_hash text not null, status text not null,
  approver text, decided_by text, payment_reference text, reason_hash text, intent_hash text, requested_at int8 not null,
  block_number int8 not null, log_index int4 not null, tx_hash text not null, decided_at int8, decided_block int8, decided_tx_hash text);
create index redemptions_account on redemptions (account, id);
create index redemptions_status on redemptions (status, id);

create table instruments (
  batch_code text collate "C" primary key, kind text not null, listed_block int8 not null, tx_hash text not null);

create table exchange_positions (
  account text collate "C", batch_code text collate "C", amount numeric(78,0) not null, leaving numeric(78,0) not null,
  available_at int8 not null, primary key (account, batch_code));
create index exchange_positions_leaving on exchange_positions (account, batch_code) where leaving > 0;

create table exchange_movements (
  account text collate "C", batch_code text collate "C", block_number int8, log_index int4, kind text not null,
  amount numeric(78,0) not null, leaving numeric(78,0) not null, available_at int8, counterparty text, intent_hash text,
  tx_hash text not null, timestamp int8 not null, primary key (account, batch_code, block_number, log_index));
create index exchange_movements_place on exchange_movements (block_number, log_index);

create table settled_trades (
  id text collate "C" primary key, batch_code text collate "C" not null, taker_hash text collate "C" not null,
  maker_hash text collate "C" not null, buyer text collate "C" not null, seller text collate "C" not null, tonnes numeric(20,0) not null,
  price numeric(78,0) not null, buyer_fee numeric(78,0) not null, seller_fee numeric(78,0) not null, fee_account text collate "C",
  block_number int8 not null, log_index int4 not null, tx_hash text not null, timestamp int8 not null);
create unique index settled_trades_place on settled_trades (block_number, log_index);
create index settled_trades_batch on settled_trades (batch_code, block_number, log_index);
create index settled_trades_buyer on settled_trades (buyer, block_number, log_index);
create index settled_trades_seller on settled_trades (seller, block_number, log_index);
create index settled_trades_taker on settled_trades (taker_hash);
create index settled_trades_maker on settled_trades (maker_hash);

create table order_fills (
  order_hash text collate "C" primary key, tonnes numeric(20,0) not null, amount numeric(78,0) not null, trades int4 not null);

create table cancelled_orders (
  account text collate "C", batch_code text collate "C", nonce int8, block_number int8 not null, tx_hash text not null,
  primary key (account, batch_code, nonce));

create table order_floors (
  account text collate "C" primary key, first_valid_nonce int8 not null, block_number int8 not null, tx_hash text not null);

create table closed_deals (
  hash text collate "C" primary key, status text not null, cancelled_by text, block_number int8 not null, tx_hash text not null);
`;

const NAMES = [...TABLES.matchAll(/create table (\w+)/g)].map((match) => match[1] ?? "");

export const exchangeReadModelMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of TABLES.split(";").map((text) => text.trim())) {
      if (statement !== "") await sql.raw(statement).execute(db);
    }
  },

  async down(db: Kysely<unknown>): Promise<void> {
    for (const name of NAMES) await db.schema.dropTable(name).execute();
  },
};
