import type { UnitMovementKind } from "../../db/audit-read-model-tables.js";
import type { Db } from "../../db/connection.js";
import type { Page } from "./page.js";

export interface UnitStatementRequest {
  readonly account: string;
  readonly batch?: string | undefined;
  /** Unix seconds, inclusive. */
  readonly from: bigint;
  readonly to: bigint;
  /** Of the lines. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A movement, or a freeze. Deposits to the exchange and withdrawals are transfers with its address. */
export interface UnitLine {
  /** `<block>-<log index>` */
  readonly id: string;
  readonly batch: string;
  readonly kind: UnitMovementKind;
  /** Negative when units went. */
  readonly tonnes: bigint;
  /** Of the batch, after it. */
  readonly balance: bigint;
  readonly frozenTonnes: bigint;
  readonly counterparty: string | null;
  /** The retirement or the cancellation. */
  readonly recordId: bigint | null;
  readonly timestamp: bigint;
  readonly txHash: string;
  readonly blockNumber: bigint;
  readonly logIndex: number;
}

/** Opening, plus in, less out, is closing. */
export interface UnitStatementBatch {
  readonly batch: string;
  readonly opening: bigint;
  readonly in: bigint;
  readonly out: bigint;
  readonly closing: bigint;
  /** What the exchange owed the account besides. */
  readonly position: { readonly opening: bigint; readonly closing: bigint };
}

/** From the beginning of `fromBlock` to the end of `toBlock`; no block when `toBlock` is less. */
export interface UnitStatement {
  readonly fromBlock: bigint;
  readonly toBlock: bigint;
  readonly batches: readonly UnitStatementBatch[];
  /** In chain order. */
  readonly lines: Page<UnitLine>;
}

/**
 * What an account had of each batch, and what changed it, between two instants.
 * @throws FoldError when the movements do not add up: the read model is wrong.
 */
export async function unitStatement(_db: Db, _request: UnitStatementRequest): Promise<UnitStatement> {
  return await Promise.resolve({ fromBlock: 0n, toBlock: -1n, batches: [], lines: { items: [], next: null } });
}
