import type { Address, Block, Decimal, Hash, Operation } from "./types.js";

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
