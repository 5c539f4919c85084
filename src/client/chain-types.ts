import type { Address, DateTime, Decimal, Hash, ProblemDocument } from "./types.js";

/** The chain, and what stands on it. */

export type ContractName =
  "AccessManager" | "Participants" | "Registry" | "Units" | "Retirements" | "Intents" | "SettlementCash" | "Exchange";

export interface LedgerEvent {
  readonly contract: ContractName;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly blockNumber: number;
  readonly logIndex: number;
  readonly txHash: Hash;
  readonly links: { readonly transaction: string };
}

export interface Transaction {
  readonly hash: Hash;
  readonly from: Address;
  readonly to: Address | null;
  readonly nonce: number;
  readonly status: "pending" | "final" | "failed";
  readonly blockNumber: number | null;
  readonly timestamp: DateTime | null;
  readonly gasUsed: Decimal | null;
  readonly problem: ProblemDocument | null;
  readonly operations: readonly string[];
  readonly events: readonly LedgerEvent[];
  readonly links: Readonly<Record<string, string | null>> & { readonly self: string };
}

export interface TypedDataDomain {
  readonly name: string;
  readonly version: string;
  readonly chainId: number;
  readonly verifyingContract: Address;
}

export interface Chain {
  readonly chainId: number;
  readonly name: string;
  readonly head: { readonly number: number; readonly hash: Hash; readonly timestamp: DateTime };
  readonly projected: { readonly number: number; readonly hash: Hash };
  readonly genesisHash: Hash;
  readonly confirmations: number;
  readonly contracts: Readonly<Record<string, Address>>;
  readonly domains: {
    readonly intents: TypedDataDomain;
    readonly registry: TypedDataDomain;
    /** Of orders and deals. */
    readonly exchange: TypedDataDomain;
  };
  readonly roles: Readonly<Record<string, readonly Address[]>>;
  readonly bufferAccount: Address | null;
  readonly paused: boolean;
}
