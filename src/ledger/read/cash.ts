import type { Db } from "../../db/connection.js";
import type { CashDepositStatus, RedemptionState } from "../../db/exchange-read-model-tables.js";
import type { Row } from "../row-cache.js";
import { readPage, type Page, type PageRequest } from "./page.js";

/** Amounts are in minor units of the settlement currency. */
export interface CashBalanceView {
  readonly account: string;
  /** Null: a contract of the ledger. */
  readonly participantId: number | null;
  readonly amount: bigint;
}

export interface CashDepositView {
  readonly reference: string;
  readonly account: string;
  readonly amount: bigint;
  readonly status: CashDepositStatus;
  readonly proposer: string | null;
  readonly decidedBy: string | null;
  readonly proposedBlock: bigint | null;
  readonly decidedBlock: bigint | null;
  /** Unix time of the latest change, and where it is. */
  readonly timestamp: bigint;
  readonly txHash: string;
  readonly blockNumber: bigint;
}

export interface RedemptionView {
  readonly id: bigint;
  readonly account: string;
  readonly amount: bigint;
  readonly payoutHash: string;
  readonly status: RedemptionState;
  readonly approver: string | null;
  readonly decidedBy: string | null;
  readonly paymentReference: string | null;
  readonly reasonHash: string | null;
  readonly intentHash: string | null;
  readonly requestedAt: bigint;
  readonly decidedAt: bigint | null;
  readonly txHash: string;
  readonly blockNumber: bigint;
  readonly decidedTxHash: string | null;
}

export interface OwnerFilter {
  readonly account?: string | undefined;
  readonly participantId?: number | undefined;
}

export interface DepositFilter extends OwnerFilter {
  readonly status?: CashDepositStatus | undefined;
}

export interface RedemptionFilter extends OwnerFilter {
  readonly status?: RedemptionState | undefined;
}

/** The settlement currency as a whole. */
export interface CashTotals {
  readonly supply: bigint;
  readonly isPaused: boolean;
  readonly singleApprovalLimit: bigint;
}

export async function readCashTotals(db: Db): Promise<CashTotals> {
  const state = await db.selectFrom("ledger_state").selectAll().execute();
  const values = new Map(state.map(({ name, value }) => [name, value]));
  const { supply } = await db
    .selectFrom("cash_balances")
    .select((x) => x.fn.coalesce(x.fn.sum<bigint>("amount"), x.lit(0)).as("supply"))
    .executeTakeFirstOrThrow();
  return {
    supply,
    isPaused: values.get("cashPaused") === "true",
    singleApprovalLimit: BigInt(values.get("singleApprovalLimit") ?? "0"),
  };
}

/** What an account has outside the exchange. */
export async function readCashBalance(db: Db, account: string): Promise<bigint> {
  const row = await db.selectFrom("cash_balances").select("amount").where("account", "=", account).executeTakeFirst();
  return row?.amount ?? 0n;
}

export async function listCashBalances(db: Db, filter: OwnerFilter, page: PageRequest): Promise<Page<CashBalanceView>> {
  const { account, participantId } = filter;
  const query = db
    .selectFrom("cash_balances")
    .leftJoin("accounts", "accounts.address", "cash_balances.account")
    .selectAll("cash_balances")
    .select("accounts.participant_id")
    .$if(account !== undefined, (q) => q.where("cash_balances.account", "=", account ?? ""))
    .$if(participantId !== undefined, (q) => q.where("accounts.participant_id", "=", participantId ?? 0));
  return await readPage(query, [{ column: "cash_balances.account", kind: "text" }], "asc", page, (row) => ({
    account: row.account,
    participantId: row.participant_id,
    amount: row.amount,
  }));
}

/** The latest first. */
export async function listDeposits(db: Db, filter: DepositFilter, page: PageRequest): Promise<Page<CashDepositView>> {
  const { account, participantId, status } = filter;
  const query = db
    .selectFrom("cash_deposits")
    .selectAll("cash_deposits")
    .$if(account !== undefined, (q) => q.where("cash_deposits.account", "=", account ?? ""))
    .$if(participantId !== undefined, (q) =>
      q
        .innerJoin("accounts", "accounts.address", "cash_deposits.account")
        .where("accounts.participant_id", "=", participantId ?? 0),
    )
    .$if(status !== undefined, (q) => q.where("cash_deposits.status", "=", status ?? "minted"));
  const keys = [
    { column: "cash_deposits.block_number", kind: "int8" },
    { column: "cash_deposits.log_index", kind: "int4" },
  ] as const;
  return await readPage(query, keys, "desc", page, depositView);
}

export async function findDeposit(db: Db, reference: string): Promise<CashDepositView | null> {
  const row = await db.selectFrom("cash_deposits").selectAll().where("reference", "=", reference).executeTakeFirst();
  return row === undefined ? null : depositView(row);
}

/** Whether a reference is taken by a deposit, a proposal that stands, or a payment. */
export async function isReferenceUsed(db: Db, reference: string): Promise<boolean> {
  const deposit = await findDeposit(db, reference);
  if (deposit !== null && deposit.status !== "withdrawn") return true;
  const payment = await db
    .selectFrom("redemptions")
    .select("id")
    .where("payment_reference", "=", reference)
    .executeTakeFirst();
  return payment !== undefined;
}

/** The latest first. */
export async function listRedemptions(
  db: Db,
  filter: RedemptionFilter,
  page: PageRequest,
): Promise<Page<RedemptionView>> {
  const { account, participantId, status } = filter;
  const query = db
    .selectFrom("redemptions")
    .selectAll("redemptions")
    .$if(account !== undefined, (q) => q.where("redemptions.account", "=", account ?? ""))
    .$if(participantId !== undefined, (q) =>
      q
        .innerJoin("accounts", "accounts.address", "redemptions.account")
        .where("accounts.participant_id", "=", participantId ?? 0),
    )
    .$if(status !== undefined, (q) => q.where("redemptions.status", "=", status ?? "requested"));
  return await readPage(query, [{ column: "redemptions.id", kind: "int8" }], "desc", page, redemptionView);
}

export async function findRedemption(db: Db, id: bigint): Promise<RedemptionView | null> {
  const row = await db.selectFrom("redemptions").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? null : redemptionView(row);
}

function depositView(row: Row<"cash_deposits">): CashDepositView {
  return {
    reference: row.reference,
    account: row.account,
    amount: row.amount,
    status: row.status,
    proposer: row.proposer,
    decidedBy: row.decided_by,
    proposedBlock: row.proposed_block,
    decidedBlock: row.decided_block,
    timestamp: row.timestamp,
    txHash: row.decided_tx_hash ?? row.proposed_tx_hash ?? "",
    blockNumber: row.decided_block ?? row.block_number,
  };
}

function redemptionView(row: Row<"redemptions">): RedemptionView {
  return {
    id: row.id,
    account: row.account,
    amount: row.amount,
    payoutHash: row.payout_hash,
    status: row.status,
    approver: row.approver,
    decidedBy: row.decided_by,
    paymentReference: row.payment_reference,
    reasonHash: row.reason_hash,
    intentHash: row.intent_hash,
    requestedAt: row.requested_at,
    decidedAt: row.decided_at,
    txHash: row.tx_hash,
    blockNumber: row.block_number,
    decidedTxHash: row.decided_tx_hash,
  };
}
