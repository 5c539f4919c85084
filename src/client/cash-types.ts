import type { Address, DateTime, Day, Decimal, Hash, OnChain } from "./types.js";

/** Money on the ledger. Amounts are in minor units of the settlement currency. */

export interface Currency {
  readonly name: string;
  readonly symbol: string;
  readonly decimals: number;
  readonly contract: Address;
  /** Money that is transferred here is in trading. */
  readonly exchange: Address;
  readonly supply: Decimal;
  readonly paused: boolean;
  readonly singleApprovalLimit: Decimal;
}

export interface CashBalance {
  readonly account: Address;
  readonly participantId: number | null;
  readonly amount: Decimal;
}

export interface CashDeposit extends OnChain {
  readonly reference: Hash;
  readonly account: Address;
  readonly amount: Decimal;
  readonly status: "proposed" | "minted" | "withdrawn";
  readonly proposer: Address | null;
  readonly decidedBy: Address | null;
  readonly changedAt: DateTime;
}

/** Where money is paid to. Its hash is what is signed: keep the salt. */
export interface Payout {
  readonly bank: string;
  readonly accountNumber: string;
  readonly accountHolder: string;
  readonly note?: string;
  /** 16 to 64 random letters and digits. */
  readonly salt: string;
}

export interface Redemption extends OnChain {
  readonly id: string;
  readonly account: Address;
  readonly amount: Decimal;
  readonly status: "requested" | "paid" | "refused";
  readonly payoutHash: Hash;
  /** Null: the service does not know it. */
  readonly payout: { readonly [Name in keyof Payout]?: Payout[Name] | undefined } | null;
  readonly approver: Address | null;
  readonly decidedBy: Address | null;
  readonly paymentReference: Hash | null;
  /** Of a refusal. */
  readonly reasonHash: Hash | null;
  readonly reason: string | null;
  readonly intentHash: Hash | null;
  readonly requestedAt: DateTime;
  readonly decidedAt: DateTime | null;
}

export type CashMovementKind =
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

export interface CashMovement {
  readonly id: string;
  readonly kind: CashMovementKind;
  /** Negative when money went. */
  readonly amount: string;
  readonly balance: string;
  readonly fee: Decimal;
  readonly counterparty: Address | null;
  readonly reference: Hash | null;
  readonly redemptionId: string | null;
  readonly batch: string | null;
  readonly tonnes: Decimal | null;
  readonly price: Decimal | null;
  readonly intentHash: Hash | null;
  readonly timestamp: DateTime;
  readonly txHash: Hash;
  readonly blockNumber: number;
}

export interface CashStatement {
  readonly account: Address;
  readonly place: "account" | "exchange";
  readonly from: Day;
  readonly to: Day;
  readonly opening: Decimal;
  readonly movements: readonly CashMovement[];
  readonly credits: Decimal;
  readonly debits: Decimal;
  readonly closing: Decimal;
}
