import { sql } from "kysely";

import type { Db } from "../../db/connection.js";
import type { OwnerFilter } from "./cash.js";
import { readPage, type Page, type PageRequest } from "./page.js";

/** What the exchange owes an account. */
export interface PositionView {
  readonly account: string;
  readonly participantId: number | null;
  /** Null: cash. */
  readonly batch: string | null;
  /** Tonnes, or minor units of the settlement currency. What is leaving is part of it. */
  readonly amount: bigint;
  readonly leaving: bigint;
  /** Unix time; null when nothing is leaving. */
  readonly availableAt: bigint | null;
}

export interface PositionFilter extends OwnerFilter {
  readonly batch?: string | undefined;
  readonly isLeaving?: boolean | undefined;
}

export type WithdrawalStatus = "leaving" | "withdrawn" | "cancelled" | "recovered";

/** A request to take something out of trading, and what became of it. */
export interface WithdrawalView {
  /** `<block>-<log index>` */
  readonly id: string;
  readonly account: string;
  readonly batch: string | null;
  readonly amount: bigint;
  readonly status: WithdrawalStatus;
  /** Unix time from which the owner can take it alone. */
  readonly availableAt: bigint;
  readonly intentHash: string | null;
  readonly requestedAt: bigint;
  readonly closedAt: bigint | null;
  readonly closedTxHash: string | null;
  readonly txHash: string;
  readonly blockNumber: bigint;
}

export interface WithdrawalFilter extends OwnerFilter {
  readonly batch?: string | undefined;
  readonly status?: WithdrawalStatus | undefined;
}

/** By account and batch; cash comes first. */
export async function listPositions(db: Db, filter: PositionFilter, page: PageRequest): Promise<Page<PositionView>> {
  const { account, participantId, batch, isLeaving } = filter;
  const query = db
    .selectFrom("exchange_positions")
    .leftJoin("accounts", "accounts.address", "exchange_positions.account")
    .selectAll("exchange_positions")
    .select("accounts.participant_id")
    .$if(account !== undefined, (q) => q.where("exchange_positions.account", "=", account ?? ""))
    .$if(participantId !== undefined, (q) => q.where("accounts.participant_id", "=", participantId ?? 0))
    .$if(batch !== undefined, (q) => q.where("exchange_positions.batch_code", "=", batch ?? ""))
    .$if(isLeaving === true, (q) => q.where("exchange_positions.leaving", ">", 0n));
  const keys = [
    { column: "exchange_positions.account", kind: "text" },
    { column: "exchange_positions.batch_code", kind: "text" },
  ] as const;
  return await readPage(query, keys, "asc", page, (row) => ({
    account: row.account,
    participantId: row.participant_id,
    batch: row.batch_code === "" ? null : row.batch_code,
    amount: row.amount,
    leaving: row.leaving,
    availableAt: row.leaving === 0n ? null : row.available_at,
  }));
}

/** What an account could take out of trading, were nothing of it promised: the position less what is leaving. */
export async function readFreePosition(db: Db, account: string, asset: string): Promise<bigint> {
  const row = await db
    .selectFrom("exchange_positions")
    .select(["amount", "leaving"])
    .where("account", "=", account)
    .where("batch_code", "=", asset)
    .executeTakeFirst();
  return row === undefined ? 0n : row.amount - row.leaving;
}

/** The latest first. */
export async function listWithdrawals(
  db: Db,
  filter: WithdrawalFilter,
  page: PageRequest,
): Promise<Page<WithdrawalView>> {
  const { account, participantId, batch, status } = filter;
  const query = withdrawals(db)
    .$if(account !== undefined, (q) => q.where("m.account", "=", account ?? ""))
    .$if(participantId !== undefined, (q) =>
      q
        .innerJoin("accounts", "accounts.address", "m.account")
        .where("accounts.participant_id", "=", participantId ?? 0),
    )
    .$if(batch !== undefined, (q) => q.where("m.batch_code", "=", batch ?? ""))
    .$if(status !== undefined, (q) => q.where(STATUS, "=", status ?? "leaving"));
  const keys = [
    { column: "m.block_number", kind: "int8" },
    { column: "m.log_index", kind: "int4" },
  ] as const;
  return await readPage(query, keys, "desc", page, withdrawalView);
}

/** @param id `<block>-<log index>` */
export async function findWithdrawal(db: Db, id: string): Promise<WithdrawalView | null> {
  const [block, log] = id.split("-");
  const row = await withdrawals(db)
    .where("m.block_number", "=", BigInt(block ?? ""))
    .where("m.log_index", "=", Number(log))
    .executeTakeFirst();
  return row === undefined ? null : withdrawalView(row);
}

const STATUS = sql<WithdrawalStatus>`case c.kind when 'withdrawal' then 'withdrawn' when 'withdrawal-cancellation' then 'cancelled'
  when 'recovery' then 'recovered' else 'leaving' end`;

/** Requests, each with what ended it: the first movement after it with nothing left to leave. */
function withdrawals(db: Db) {
  return db
    .selectFrom("exchange_movements as m")
    .leftJoinLateral(
      (x) =>
        x
          .selectFrom("exchange_movements as e")
          .select(["e.kind", "e.tx_hash", "e.timestamp"])
          .whereRef("e.account", "=", "m.account")
          .whereRef("e.batch_code", "=", "m.batch_code")
          .where("e.kind", "in", ["withdrawal", "withdrawal-cancellation", "recovery"])
          .where("e.leaving", "=", 0n)
          .where(sql<boolean>`(e.block_number, e.log_index) > (m.block_number, m.log_index)`)
          .orderBy("e.block_number")
          .orderBy("e.log_index")
          .limit(1)
          .as("c"),
      (join) => join.onTrue(),
    )
    .where("m.kind", "=", "withdrawal-request")
    .select([
      "m.account",
      "m.batch_code",
      "m.block_number",
      "m.log_index",
      "m.amount",
      "m.available_at",
      "m.intent_hash",
      "m.tx_hash",
      "m.timestamp",
      STATUS.as("status"),
      "c.tx_hash as closed_tx_hash",
      "c.timestamp as closed_at",
    ]);
}

type WithdrawalRow = Awaited<ReturnType<ReturnType<typeof withdrawals>["execute"]>>[number];

function withdrawalView(row: WithdrawalRow): WithdrawalView {
  return {
    id: `${row.block_number}-${row.log_index}`,
    account: row.account,
    batch: row.batch_code === "" ? null : row.batch_code,
    amount: row.amount,
    status: row.status,
    availableAt: row.available_at ?? 0n,
    intentHash: row.intent_hash,
    requestedAt: row.timestamp,
    closedAt: row.closed_at,
    closedTxHash: row.closed_tx_hash,
    txHash: row.tx_hash,
    blockNumber: row.block_number,
  };
}
