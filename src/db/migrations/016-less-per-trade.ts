import { migrationOf } from "./of-statements.js";

const UP = `
drop table order_fills;
alter table market_log alter column commands set storage external;
alter table transactions alter column raw set storage external
`;

const DOWN = `
alter table transactions alter column raw set storage extended;
alter table market_log alter column commands set storage extended;
create table order_fills (
  order_hash text collate "C" primary key, tonnes numeric(20,0) not null, amount numeric(78,0) not null, trades int4 not null);
insert into order_fills
  select hash, sum(tonnes), sum(tonnes * price), count(*) from settled_trades
  cross join lateral unnest(array[taker_hash, maker_hash]) as side(hash)
  where taker_hash <> maker_hash group by hash
`;

/**
 * The trades say what was filled of an order; a row beside them for each order was written with every trade, and read by nobody but the
 * comparison with the chain. And long texts that are written once and hardly ever read again are kept as they are: PGlite takes longer to
 * compress the orders of a request than to write them.
 */
export const lessPerTradeMigration = migrationOf(UP, DOWN);
