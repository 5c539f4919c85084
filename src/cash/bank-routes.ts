import { defineAct, type OperationsPort } from "../http/act.js";
import { defineDelayedAct } from "../http/delayed-act.js";
import type { Route } from "../http/route.js";
import type { Bank } from "./bank-service.js";
import {
  accountParams,
  approvalBody,
  CASH_TAG,
  depositBody,
  emptyBody,
  limitBody,
  pauseBody,
  paymentBody,
  redemptionParams,
  referenceParams,
  refusalBody,
} from "./schemas.js";

const BANK = { roles: ["settlement-bank"] } as const;
const COMPLIANCE = { roles: ["compliance-officer"] } as const;

/** What the settlement bank, compliance officers, the guardian and the admin do with money. */
export function bankRoutes(bank: Bank, operations: OperationsPort): Route[] {
  return [...depositRoutes(bank, operations), ...redemptionRoutes(bank, operations), ...guardRoutes(bank, operations)];
}

function depositRoutes(bank: Bank, operations: OperationsPort): Route[] {
  const deposit = defineAct(operations, {
    path: "/cash/deposits",
    summary: "Credit money that arrived at the bank",
    description:
      "Up to `singleApprovalLimit` at once; above it, it is proposed, and another account of the bank must approve it.",
    tag: CASH_TAG,
    access: BANK,
    body: depositBody,
    problems: [
      "cash-reference-used",
      "cash-reference-empty",
      "cash-account-not-active",
      "cash-supply-exceeded",
      "cash-is-paused",
      "cash-above-limit",
      "signer-unavailable",
    ],
    perform: ({ body, ...asker }) => bank.deposit(asker, body),
  });

  const approve = defineAct(operations, {
    path: "/cash/deposits/{reference}/approval",
    summary: "Approve a deposit that another officer of the bank proposed",
    tag: CASH_TAG,
    access: BANK,
    params: referenceParams,
    body: approvalBody,
    problems: [
      "cash-proposal-unknown",
      "cash-proposal-mismatch",
      "cash-same-officer",
      "cash-account-not-active",
      "cash-is-paused",
      "signer-unavailable",
    ],
    perform: ({ params, body, ...asker }) => bank.approveDeposit(asker, { ...body, ...params }),
  });

  const withdraw = defineAct(operations, {
    method: "delete",
    path: "/cash/deposits/{reference}",
    summary: "Withdraw a proposed deposit",
    description: "Its reference may be proposed again.",
    tag: CASH_TAG,
    access: BANK,
    params: referenceParams,
    problems: ["cash-proposal-unknown", "signer-unavailable"],
    perform: ({ params, ...asker }) => bank.withdrawDeposit(asker, params.reference),
  });

  return [deposit, approve, withdraw];
}

function redemptionRoutes(bank: Bank, operations: OperationsPort): Route[] {
  const approve = defineAct(operations, {
    path: "/cash/redemptions/{id}/approval",
    summary: "Approve the payment of a large redemption, for another officer of the bank to make",
    tag: CASH_TAG,
    access: BANK,
    params: redemptionParams,
    body: emptyBody,
    problems: ["not-found", "cash-redemption-not-open", "cash-within-limit", "signer-unavailable"],
    perform: ({ params, ...asker }) => bank.approveRedemption(asker, BigInt(params.id)),
  });

  const pay = defineAct(operations, {
    path: "/cash/redemptions/{id}/payment",
    summary: "Record that a redemption was paid",
    description: "The money that was set aside is gone then. Above the limit another officer must have approved it.",
    tag: CASH_TAG,
    access: BANK,
    params: redemptionParams,
    body: paymentBody,
    problems: [
      "not-found",
      "cash-redemption-not-open",
      "cash-reference-used",
      "cash-reference-empty",
      "cash-approval-missing",
      "cash-same-officer",
      "cash-is-paused",
      "signer-unavailable",
    ],
    perform: ({ params, body, ...asker }) => bank.payRedemption(asker, BigInt(params.id), body.reference),
  });

  const refuse = defineAct(operations, {
    path: "/cash/redemptions/{id}/refusal",
    summary: "Refuse a redemption that cannot be paid",
    description: "The account has its money back.",
    tag: CASH_TAG,
    access: BANK,
    params: redemptionParams,
    body: refusalBody,
    problems: ["not-found", "cash-redemption-not-open", "cash-is-paused", "signer-unavailable"],
    perform: ({ params, body, ...asker }) => bank.refuseRedemption(asker, BigInt(params.id), body.reason),
  });

  return [approve, pay, refuse];
}

function guardRoutes(bank: Bank, operations: OperationsPort): Route[] {
  const pause = defineAct(operations, {
    path: "/cash/pause",
    summary: "Stop every movement of money",
    description: "Recoveries go on. Trades inside the exchange move positions, not money, and are stopped by halts.",
    tag: CASH_TAG,
    access: { roles: ["guardian"] },
    body: pauseBody,
    problems: ["cash-is-paused", "signer-unavailable"],
    perform: ({ body, ...asker }) => bank.pause(asker, body.reason ?? null),
  });

  const unpause = defineAct(operations, {
    path: "/cash/unpause",
    summary: "Let money move again",
    tag: CASH_TAG,
    access: COMPLIANCE,
    body: emptyBody,
    problems: ["cash-not-paused", "signer-unavailable"],
    perform: (asker) => bank.unpause(asker),
  });

  const recover = defineAct(operations, {
    path: "/accounts/{address}/cash-recovery",
    summary: "Carry a replaced account's money to its successor",
    description: "What the account has itself; `position-recovery` is about what it has on the exchange.",
    tag: CASH_TAG,
    access: COMPLIANCE,
    params: accountParams,
    body: emptyBody,
    problems: ["cash-not-replaced", "cash-account-not-active", "cash-amount-zero", "signer-unavailable"],
    perform: ({ params, ...asker }) => bank.recover(asker, params.address),
  });

  const limit = defineDelayedAct(operations, {
    path: "/cash/limit",
    tag: CASH_TAG,
    access: { roles: ["admin"] },
    body: limitBody,
    summary: "Set the amount up to which one officer of the bank is enough",
    problems: [],
    perform: ({ body, ...asker }) => bank.setLimit(asker, body.amount),
    scheduleSummary: "Announce another limit",
    schedule: ({ body, ...asker }) => bank.scheduleLimit(asker, body.amount),
  });

  return [pause, unpause, recover, ...limit];
}
