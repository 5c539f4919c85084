import type { CashCalls } from "../chain/cash-calls.js";
import type { Db } from "../db/connection.js";
import { newDocument } from "../documents.js";
import { Problem } from "../errors.js";
import type { Asker, Institution } from "../institution.js";
import { findRedemption, readCashTotals, type RedemptionView } from "../ledger/read/cash.js";
import { refuseUnlessUnsettled } from "../refusal.js";
import {
  refusalOfApproval,
  refusalOfClosed,
  refusalOfDeposit,
  refusalOfPayment,
  refusalOfRedemptionApproval,
  refusalOfWithdrawal,
  type Deposit,
} from "./bank-rules.js";

export interface BankDeps {
  readonly db: Db;
  readonly institution: Institution;
  readonly calls: CashCalls;
}

export type Bank = ReturnType<typeof createBank>;

/** What the settlement bank, and those who watch over it, do with money. Acts return the operation's id. References are hashes. */
export function createBank(deps: BankDeps) {
  return { ...depositActs(deps), ...redemptionActs(deps), ...guardActs(deps) };
}

function depositActs({ db, institution, calls }: BankDeps) {
  return {
    /** Makes money against a deposit; above the limit it is proposed, for another account of the bank to approve. */
    async deposit(asker: Asker, deposit: Deposit): Promise<string> {
      await institution.officer(asker.principal);
      await refuseUnlessUnsettled(db, () => refusalOfDeposit(db, deposit));
      const { account, amount, reference } = deposit;
      const { singleApprovalLimit } = await readCashTotals(db);
      const isLarge = amount > singleApprovalLimit;
      return institution.act(asker, {
        kind: isLarge ? "cash.deposit.propose" : "cash.deposit",
        call: isLarge ? calls.proposeMint(account, amount, reference) : calls.mint(account, amount, reference),
        request: deposit,
      });
    },

    async approveDeposit(asker: Asker, deposit: Deposit): Promise<string> {
      const officer = await institution.officer(asker.principal);
      await refuseUnlessUnsettled(db, () => refusalOfApproval(db, deposit, officer.account));
      const { account, amount, reference } = deposit;
      const call = calls.approveMint(account, amount, reference);
      return institution.act(asker, { kind: "cash.deposit.approve", call, request: deposit });
    },

    async withdrawDeposit(asker: Asker, reference: string): Promise<string> {
      await institution.officer(asker.principal);
      await refuseUnlessUnsettled(db, () => refusalOfWithdrawal(db, reference));
      return institution.act(asker, {
        kind: "cash.deposit.withdraw",
        call: calls.withdrawMint(reference),
        request: { reference },
      });
    },
  };
}

function redemptionActs({ db, institution, calls }: BankDeps) {
  const require = async (id: bigint): Promise<RedemptionView> => {
    const redemption = await findRedemption(db, id);
    if (redemption === null) throw new Problem("not-found", `There is no redemption ${id}.`);
    return redemption;
  };

  return {
    async approveRedemption(asker: Asker, id: bigint): Promise<string> {
      await institution.officer(asker.principal);
      await refuseUnlessUnsettled(db, async () => refusalOfRedemptionApproval(db, await require(id)));
      const call = calls.approveRedemption(id);
      return institution.act(asker, { kind: "cash.redemption.approve", call, request: { id } });
    },

    async payRedemption(asker: Asker, id: bigint, reference: string): Promise<string> {
      const officer = await institution.officer(asker.principal);
      await refuseUnlessUnsettled(db, async () => refusalOfPayment(db, await require(id), reference, officer.account));
      const call = calls.payRedemption(id, reference);
      return institution.act(asker, { kind: "cash.redemption.pay", call, request: { id, reference } });
    },

    async refuseRedemption(asker: Asker, id: bigint, reason: string): Promise<string> {
      await institution.officer(asker.principal);
      await refuseUnlessUnsettled(db, async () => refusalOfClosed(await require(id)));
      const document = newDocument("reason", { redemptionId: id.toString(), reason });
      return institution.act(asker, {
        kind: "cash.redemption.refuse",
        call: calls.refuseRedemption(id, document.hash),
        request: { id, reason },
        documents: [document],
      });
    },
  };
}

function guardActs({ institution, calls }: BankDeps) {
  return {
    /** Stops every movement of money, except recoveries. */
    pause: async (asker: Asker, reason: string | null): Promise<string> =>
      institution.act(asker, { kind: "cash.pause", call: calls.pause(), request: { reason } }),

    unpause: async (asker: Asker): Promise<string> =>
      institution.act(asker, { kind: "cash.unpause", call: calls.unpause(), request: {} }),

    /** Moves the money of a replaced account to its successor. */
    recover: async (asker: Asker, account: string): Promise<string> =>
      institution.act(asker, { kind: "cash.recover", call: calls.recover(account), request: { account } }),

    setLimit: async (asker: Asker, amount: bigint): Promise<string> =>
      institution.act(asker, {
        kind: "cash.limit.set",
        call: calls.setSingleApprovalLimit(amount),
        request: { amount },
      }),

    /** Announces another limit, for the delay of the role to begin. */
    scheduleLimit: async (asker: Asker, amount: bigint): Promise<string> =>
      institution.act(asker, {
        kind: "cash.limit.set.schedule",
        call: calls.scheduleSingleApprovalLimit(amount),
        request: { amount },
      }),
  };
}
