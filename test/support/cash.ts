import { id } from "ethers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";

import { deployTestLedger } from "./ledger.js";

/** Up to this much one account of the bank is enough. */
export const LIMIT = 1_000n;
export const REFERENCE = id("deposit");
export const PAYMENT = id("payment");
export const PAYOUT = id("an account at a bank");

/** `ISettlementCash.RedemptionStatus`. */
export const REDEMPTION_STATUS = { None: 0, Requested: 1, Paid: 2, Refused: 3 };

/** A ledger with a low limit and two firms, Alice's and Bob's; `reset` goes back to it. */
export async function deployCash() {
  const ledger = await deployTestLedger({ singleApprovalLimit: LIMIT.toString() });
  const { participants, access, cash, parts, firms } = ledger;
  const [alice, bob, fresh, stranger] = firms as [
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
  ];
  for (const account of [alice, bob]) await ledger.admit(null, account);
  await ledger.checkpoint();
  const officer = participants.connect(parts.compliance1);

  return {
    ...ledger,
    alice,
    bob,
    /** An account that nobody has yet. */
    fresh,
    /** An account of no participant. */
    stranger,
    officer,
    bank2: cash.connect(parts.bank2),
    compliance: cash.connect(parts.compliance1),

    async suspend(account: HardhatEthersSigner): Promise<void> {
      await officer.suspend(await participants.participantOf(account), id("reason"));
    },

    /** Replaces an account's key, as two officers do it. */
    async replace(lost: HardhatEthersSigner | string, successor: HardhatEthersSigner): Promise<void> {
      await officer.proposeReplacement(lost, successor);
      await participants.connect(parts.compliance2).approveReplacement(lost, successor);
    },

    /** Calls a function of the cash contract by way of the access manager, which then is the caller. */
    async throughManager(from: HardhatEthersSigner, name: string, args: readonly unknown[]) {
      return access.connect(from).execute(cash, cash.interface.encodeFunctionData(name as "mint", args as never));
    },

    /** A redemption of so much that Alice has. @returns its number */
    async redeem(amount: bigint): Promise<bigint> {
      await cash.connect(alice).requestRedemption(alice, amount, PAYOUT);
      return cash.redemptionCount();
    },
  };
}
