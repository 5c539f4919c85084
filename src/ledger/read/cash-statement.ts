import { sql, type RawBuilder } from "kysely";

import type { Db } from "../../db/connection.js";
import { dayEnd, dayStart } from "./days.js";
import { lastBlockUpTo } from "./history-query.js";
import { readPage, type Page } from "./page.js";

/** `account`: what it has itself. `exchange`: what the exchange owes it. */
export type StatementPlace = "account" | "exchange";

export type StatementKind =
  | "deposit"
  | "transfer"
  | "redemption"
  | "redemption-refusal"
  | "redemption-payment"
  | "exchange-deposit"
  | "exchange-withdrawal"
  | "recovery"
  | "purchase"
  | "sale"
  | "fees";

export interface StatementMovement {
  /** `<block>-<log index>` */
  readonly id: string;
  readonly kind: StatementKind;
  /** With the fee; negative when money went. */
  readonly amount: bigint;
  /** After the movement. */
  readonly balance: bigint;
  readonly fee: bigint;
  readonly counterparty: string | null;
  readonly reference: string | null;
  readonly redemptionId: bigint | null;
  readonly batch: string | null;
  readonly tonnes: bigint | null;
  readonly price: bigint | null;
  readonly intentHash: string | null;
  /** Unix time. */
  readonly timestamp: bigint;
  readonly txHash: string;
  readonly blockNumber: bigint;
}

/** Opening and movements add up to the closing, to the unit. */
export interface CashStatement {
  readonly opening: bigint;
  readonly movements: readonly StatementMovement[];
  readonly closing: bigint;
}

export interface StatementRequest {
  readonly account: string;
  readonly place: StatementPlace;
  /** Days (`YYYY-MM-DD`, UTC), inclusive. */
  readonly from: string;
  readonly to: string;
  /** Address of the exchange: tells transfers to and from it apart. */
  readonly exchange: string;
  /** The most movements. */
  readonly limit: number;
}

interface MovementRow {
  readonly kind: StatementKind;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly counterparty: string | null;
  readonly reference: string | null;
  readonly redemption_id: bigint | null;
  readonly batch_code: string | null;
  readonly tonnes: bigint | null;
  readonly price: bigint | null;
  readonly intent_hash: string | null;
  readonly block_number: bigint;
  readonly log_index: number;
  readonly tx_hash: string;
  readonly timestamp: bigint;
}

/** The movements of a period, with what was there before and after. Null when there are more than the limit. */
export async function readStatement(db: Db, request: StatementRequest): Promise<CashStatement | null> {
  const { account, place, from, to, limit } = request;
  const movements = place === "account" ? ownMovements(account) : exchangeMovements(account);
  return await db
    .transaction()
    .setIsolationLevel("repeatable read")
    .execute(async (trx) => {
      const before = await sql<{ sum: bigint }>`select coalesce(sum(amount), 0) as sum from (${movements}) m
        where timestamp < ${dayStart(from)}`.execute(trx);
      const { rows } = await sql<MovementRow>`select * from (${movements}) m
        where timestamp >= ${dayStart(from)} and timestamp <= ${dayEnd(to)}
        order by block_number, log_index, kind limit ${limit + 1}`.execute(trx);
      if (rows.length > limit) return null;

      const opening = before.rows[0]?.sum ?? 0n;
      let balance = opening;
      const items = rows.map((row) => {
        balance += row.amount;
        return movementView(row, balance, request);
      });
      return { opening, movements: items, closing: balance };
    });
}

/** A line of a statement that is written down as a whole: a movement, or the balance before all of them or after. */
export type CashEntry = Pick<StatementMovement, "balance"> &
  ({ readonly kind: "opening" | "closing" } | (StatementMovement & { readonly kind: StatementKind }));

/**
 * The whole statement in parts, each read when the one before was taken: the opening, the movements in chain order, the closing.
 * @returns the last block it knows of, -1 when there is none, and the parts
 */
export async function scanCashStatement(
  db: Db,
  request: Omit<StatementRequest, "limit">,
  rowsAtOnce: number,
): Promise<{ readonly toBlock: bigint; readonly pages: AsyncGenerator<readonly CashEntry[]> }> {
  const { account, place, from, to } = request;
  const movements = place === "account" ? ownMovements(account) : exchangeMovements(account);
  const toBlock = (await lastBlockUpTo(db, dayEnd(to))) ?? -1n;
  const before = await sql<{ sum: bigint }>`select coalesce(sum(amount), 0) as sum from (${movements}) m
    where timestamp < ${dayStart(from)} and block_number <= ${toBlock}`.execute(db);
  const within = sql<MovementRow>`(select * from (${movements}) m
    where timestamp >= ${dayStart(from)} and block_number <= ${toBlock})`;
  const pages = (async function* () {
    let balance = before.rows[0]?.sum ?? 0n;
    yield [{ kind: "opening" as const, balance }];
    let cursor: string | undefined;
    do {
      const query = db.selectFrom(within.as("p")).selectAll("p");
      const page: Page<MovementRow> = await readPage(
        query,
        BY_PLACE,
        "asc",
        { limit: rowsAtOnce, cursor },
        (row) => row,
      );
      yield page.items.map((row) => {
        balance += row.amount;
        return movementView(row, balance, request);
      });
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    yield [{ kind: "closing" as const, balance }];
  })();
  return { toBlock, pages };
}

const BY_PLACE = [
  { column: "p.block_number", kind: "int8" },
  { column: "p.log_index", kind: "int4" },
  { column: "p.kind", kind: "text" },
] as const;

function ownMovements(account: string): RawBuilder<unknown> {
  return sql`select kind, amount, 0::numeric as fee, counterparty, reference, redemption_id, null::text as batch_code,
      null::numeric as tonnes, null::numeric as price, intent_hash, block_number, log_index, tx_hash, timestamp
    from cash_movements where account = ${account}`;
}

/** Trades change a position as deposits and withdrawals do; a trade with oneself is none, so that no row counts twice. */
function exchangeMovements(account: string): RawBuilder<unknown> {
  const trade = sql`null::text as reference, null::int8 as redemption_id, batch_code, tonnes, price, null::text as intent_hash,
    block_number, log_index, tx_hash, timestamp from settled_trades`;
  return sql`select case kind when 'deposit' then 'exchange-deposit' when 'withdrawal' then 'exchange-withdrawal' else kind end as kind,
      amount, 0::numeric as fee, counterparty, null::text as reference, null::int8 as redemption_id, null::text as batch_code,
      null::numeric as tonnes, null::numeric as price, intent_hash, block_number, log_index, tx_hash, timestamp
    from exchange_movements where account = ${account} and batch_code = '' and kind in ('deposit', 'withdrawal', 'recovery')
    union all select 'purchase', - tonnes * price - buyer_fee, buyer_fee, seller, ${trade} where buyer = ${account}
    union all select 'sale', tonnes * price - seller_fee, seller_fee, buyer, ${trade} where seller = ${account}
    union all select 'fees', buyer_fee + seller_fee, 0::numeric, null, ${trade} where fee_account = ${account}`;
}

function movementView(
  row: MovementRow,
  balance: bigint,
  { place, exchange }: Pick<StatementRequest, "place" | "exchange">,
): StatementMovement {
  const isWithExchange = place === "account" && row.kind === "transfer" && row.counterparty === exchange;
  const kind = isWithExchange ? (row.amount < 0n ? "exchange-deposit" : "exchange-withdrawal") : row.kind;
  return {
    id: `${row.block_number}-${row.log_index}`,
    kind,
    amount: row.amount,
    balance,
    fee: row.fee,
    counterparty: row.counterparty,
    reference: row.reference,
    redemptionId: row.redemption_id,
    batch: row.batch_code,
    tonnes: row.tonnes,
    price: row.price,
    intentHash: row.intent_hash,
    timestamp: row.timestamp,
    txHash: row.tx_hash,
    blockNumber: row.block_number,
  };
}
