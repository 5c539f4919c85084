import type { LedgerEvent } from "../event-types.js";
import type { OperationResult } from "./results.js";

/** What an event of `SettlementCash` or `Exchange` says about the operation that caused it. */
export function exchangeIdentifiers(event: LedgerEvent): OperationResult {
  switch (event.name) {
    case "Minted":
    case "MintProposed":
      return { depositReference: event.args.depositReference, account: event.args.account, amount: event.args.amount };
    case "MintWithdrawn":
      return { depositReference: event.args.depositReference };
    case "RedemptionRequested":
    case "RedemptionApproved":
    case "RedemptionPaid":
    case "RedemptionRefused":
      return { redemptionId: event.args.redemptionId };
    case "SingleApprovalLimitSet":
      return { singleApprovalLimit: event.args.limit };
    case "CashRecovered":
      return { lostAccount: event.args.lostAccount, newAccount: event.args.newAccount, amount: event.args.amount };
    case "FeeSet":
      return { basisPoints: event.args.basisPoints, from: event.args.from };
    case "FeeAccountSet":
      return { feeAccount: event.args.account };
    case "CashPaused":
    case "CashUnpaused":
      return { cashPaused: event.name === "CashPaused" };
    case "UnitsWithdrawalRequested":
    case "CashWithdrawalRequested":
      return { withdrawalId: `${event.blockNumber}-${event.logIndex}`, availableAt: event.args.availableAt };
    case "PositionRecovered": {
      const { lostAccount, newAccount, batchId, amount } = event.args;
      return { lostAccount, newAccount, positionBatch: batchId, amount };
    }
    default:
      return {};
  }
}
