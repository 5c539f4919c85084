import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import { findDeposit, isReferenceUsed, readCashTotals, type RedemptionView } from "../ledger/read/cash.js";

/** Why `SettlementCash` would refuse an act of the bank, by what the read model knows. Amounts are in minor units. */

export interface Deposit {
  readonly account: string;
  readonly amount: bigint;
  /** Hash of the bank's reference. */
  readonly reference: string;
}

export async function refusalOfDeposit(db: Db, { account, reference }: Deposit): Promise<Problem | undefined> {
  return (await refusalOfReference(db, reference)) ?? (await refusalOfAccount(db, account));
}

/** @param officer The account of the bank that approves. */
export async function refusalOfApproval(
  db: Db,
  { account, amount, reference }: Deposit,
  officer: string,
): Promise<Problem | undefined> {
  const proposal = await findDeposit(db, reference);
  if (proposal?.status !== "proposed") return proposalUnknown(reference);
  if (proposal.account !== account || proposal.amount !== amount) {
    const detail = `${reference} was proposed for ${proposal.account} and ${proposal.amount}.`;
    const evidence = { depositReference: reference, account: proposal.account, amount: proposal.amount.toString() };
    return new Problem("cash-proposal-mismatch", detail, { evidence });
  }
  return proposal.proposer === officer
    ? new Problem("cash-same-officer", undefined, { evidence: { officer } })
    : undefined;
}

export async function refusalOfWithdrawal(db: Db, reference: string): Promise<Problem | undefined> {
  const proposal = await findDeposit(db, reference);
  return proposal?.status === "proposed" ? undefined : proposalUnknown(reference);
}

export async function refusalOfRedemptionApproval(db: Db, redemption: RedemptionView): Promise<Problem | undefined> {
  const { singleApprovalLimit } = await readCashTotals(db);
  if (redemption.amount > singleApprovalLimit) return refusalOfClosed(redemption);
  const evidence = { amount: redemption.amount.toString(), limit: singleApprovalLimit.toString() };
  return refusalOfClosed(redemption) ?? new Problem("cash-within-limit", undefined, { evidence });
}

export async function refusalOfPayment(
  db: Db,
  redemption: RedemptionView,
  reference: string,
  officer: string,
): Promise<Problem | undefined> {
  const refusal = refusalOfClosed(redemption) ?? (await refusalOfReference(db, reference));
  if (refusal !== undefined) return refusal;
  const { singleApprovalLimit } = await readCashTotals(db);
  if (redemption.amount <= singleApprovalLimit) return undefined;
  if (redemption.approver === null) {
    return new Problem("cash-approval-missing", undefined, { evidence: { redemptionId: redemption.id.toString() } });
  }
  if (redemption.approver !== officer) return undefined;
  return new Problem("cash-same-officer", undefined, { evidence: { officer } });
}

export function refusalOfClosed({ id, status }: RedemptionView): Problem | undefined {
  if (status === "requested") return undefined;
  const evidence = { redemptionId: id.toString(), status };
  return new Problem("cash-redemption-not-open", `Redemption ${id} is ${status}.`, { evidence });
}

async function refusalOfReference(db: Db, reference: string): Promise<Problem | undefined> {
  if (!(await isReferenceUsed(db, reference))) return undefined;
  return new Problem("cash-reference-used", undefined, { evidence: { bankReference: reference } });
}

async function refusalOfAccount(db: Db, account: string): Promise<Problem | undefined> {
  const row = await db
    .selectFrom("accounts")
    .innerJoin("participants", "participants.id", "accounts.participant_id")
    .select(["accounts.status", "participants.status as participant_status"])
    .where("accounts.address", "=", account)
    .executeTakeFirst();
  if (row?.status === "active" && row.participant_status === "active") return undefined;
  const what =
    row === undefined
      ? "no account of a participant"
      : `an account that is ${row.status}, of a participant that is ${row.participant_status}`;
  return new Problem("cash-account-not-active", `${account} is ${what}.`, { evidence: { account } });
}

function proposalUnknown(reference: string): Problem {
  return new Problem("cash-proposal-unknown", undefined, { evidence: { depositReference: reference } });
}
