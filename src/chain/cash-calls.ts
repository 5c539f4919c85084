/** Calls of institutions to `SettlementCash`, encoded for the lane of the account that signs them. */
import { ISettlementCash__factory } from "../../types/ethers-contracts/factories/interfaces/ISettlementCash__factory.js";
import { scheduleOf } from "./access-calls.js";
import type { LedgerAddresses } from "./events.js";
import type { CallPayload } from "./outbox/payloads.js";

const CASH = ISettlementCash__factory.createInterface();

export type CashCalls = ReturnType<typeof createCashCalls>;

/** Amounts are in minor units; references, reasons and payouts are 32-byte hashes. */
export function createCashCalls(addresses: Pick<LedgerAddresses, "AccessManager" | "SettlementCash">) {
  const toCash = (data: string): CallPayload => ({ to: addresses.SettlementCash, data });
  const setSingleApprovalLimit = (limit: bigint): CallPayload =>
    toCash(CASH.encodeFunctionData("setSingleApprovalLimit", [limit]));

  return {
    mint: (account: string, amount: bigint, reference: string) =>
      toCash(CASH.encodeFunctionData("mint", [account, amount, reference])),
    proposeMint: (account: string, amount: bigint, reference: string) =>
      toCash(CASH.encodeFunctionData("proposeMint", [account, amount, reference])),
    approveMint: (account: string, amount: bigint, reference: string) =>
      toCash(CASH.encodeFunctionData("approveMint", [account, amount, reference])),
    withdrawMint: (reference: string) => toCash(CASH.encodeFunctionData("withdrawMint", [reference])),

    approveRedemption: (id: bigint) => toCash(CASH.encodeFunctionData("approveRedemption", [id])),
    payRedemption: (id: bigint, reference: string) => toCash(CASH.encodeFunctionData("payRedemption", [id, reference])),
    refuseRedemption: (id: bigint, reasonHash: string) =>
      toCash(CASH.encodeFunctionData("refuseRedemption", [id, reasonHash])),

    pause: () => toCash(CASH.encodeFunctionData("pause")),
    unpause: () => toCash(CASH.encodeFunctionData("unpause")),
    recover: (lostAccount: string) => toCash(CASH.encodeFunctionData("recover", [lostAccount])),

    setSingleApprovalLimit,
    /** See `scheduleOf`. */
    scheduleSingleApprovalLimit: (limit: bigint) => scheduleOf(addresses, setSingleApprovalLimit(limit)),
  };
}
