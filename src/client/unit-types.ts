import type { Address, Block, DateTime, Day, Decimal, Hash, OnChain } from "./types.js";

/** Who has which tonnes, and what became of them. */

export type Purpose = "voluntary" | "compliance" | "corsia" | "other";

export type CancellationReason = "error" | "invalidation" | "registry-move" | "reversal" | "other";

/** Where one tonne is. */
export interface Serial {
  readonly batch: string;
  readonly serial: Decimal;
  readonly state: "held" | "retired" | "cancelled";
  readonly block: Block;
  readonly account: Address;
  readonly retirementId: Decimal | null;
  readonly cancellationId: Decimal | null;
  readonly links: Readonly<Record<string, string | null>>;
}

export interface Holding {
  readonly account: Address;
  /** Null: an address that is no participant's, frozen in advance. */
  readonly participantId: number | null;
  readonly batch: string;
  readonly tonnes: Decimal;
  readonly frozenTonnes: Decimal;
  readonly links: Readonly<Record<string, string | null>>;
}

export interface Transfer extends OnChain {
  readonly id: string;
  readonly batch: string;
  readonly from: Address;
  readonly to: Address;
  readonly tonnes: Decimal;
  readonly blocks: readonly Block[];
  readonly kind: "transfer" | "forced" | "recovery";
  readonly intentHash: Hash | null;
  readonly logIndex: number;
  readonly timestamp: DateTime;
}

/** The retirement record (who retired what, when, for whom). */
export interface Retirement extends OnChain {
  readonly id: Decimal;
  readonly batch: string;
  readonly projectCode: string;
  readonly vintage: number;
  readonly serialBlocks: readonly Block[];
  readonly tonnes: Decimal;
  readonly account: Address;
  readonly participantId: number;
  readonly retiringEntity: string | null;
  readonly beneficiary: string;
  readonly beneficiaryId: string;
  readonly beneficiaryCommitment: Hash | null;
  readonly purpose: Purpose;
  readonly reason: string;
  readonly details: string;
  readonly consumptionCountry: string | null;
  readonly consumptionPeriodStart: Day | null;
  readonly consumptionPeriodEnd: Day | null;
  readonly retiredAt: DateTime;
  readonly recordHash: Hash;
  readonly intentHash: Hash | null;
  /** The ERC-721 token that stays with the account. */
  readonly certificate: { readonly contract: Address; readonly tokenId: Decimal };
}

export interface Cancellation extends OnChain {
  readonly id: Decimal;
  readonly batch: string;
  readonly projectCode: string;
  readonly vintage: number;
  readonly serialBlocks: readonly Block[];
  readonly tonnes: Decimal;
  readonly account: Address;
  readonly participantId: number;
  readonly cancellingEntity: string | null;
  readonly reason: CancellationReason;
  readonly details: string;
  readonly cancelledAt: DateTime;
  readonly recordHash: Hash;
  readonly intentHash: Hash | null;
}
