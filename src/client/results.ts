import type { Address, Block, DateTime, Decimal, Hash, Operation, ProblemDocument } from "./types.js";

/** An operation that has come to its end: what it did is on the chain, and reads with `minBlock` of its block know it. */
export interface FinalOperation<Result extends object = Readonly<Record<string, unknown>>> extends Operation<Result> {
  readonly status: "final";
  readonly txHash: Hash;
  readonly blockNumber: number;
  readonly result: Result;
}

export type TransferResult = {
  readonly intentHash: Hash;
  readonly transferId: string;
  readonly blocks: readonly Block[];
};

export type RetirementResult = {
  readonly intentHash: Hash;
  readonly retirementId: Decimal;
  readonly recordHash: Hash;
  readonly blocks: readonly Block[];
  /** ERC-721. */
  readonly certificate: { readonly contract: Address; readonly tokenId: Decimal };
};

export type CancellationResult = {
  readonly intentHash: Hash;
  readonly cancellationId: Decimal;
  readonly recordHash: Hash;
  readonly blocks: readonly Block[];
};

export type RevocationResult = {
  readonly intentHash: Hash;
  readonly account: Address;
  readonly revokedNonce: Decimal;
};

/** All that happened to an operation, for good. */
export interface OperationStory {
  readonly operation: Operation;
  readonly steps: readonly StoryStep[];
}

export interface StoryStep {
  /** `sent` comes again when other fees were offered, or another transaction took the nonce. */
  readonly step: "accepted" | "sent" | "mined" | "final" | "rejected";
  /** Of `mined`: the block's own time, in whole seconds. */
  readonly at: DateTime;
  readonly txHash: Hash | null;
  readonly blockNumber: number | null;
  /** Of `sent`: what became of it. */
  readonly outcome: "pending" | "mined" | "reverted" | "superseded" | null;
  /** Of `rejected`: why. */
  readonly problem: ProblemDocument | null;
  readonly links: { readonly transaction: string | null };
}
