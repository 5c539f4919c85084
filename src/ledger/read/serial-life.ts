import type { SerialState, TransferKind } from "../../db/read-model-tables.js";
import type { Db } from "../../db/connection.js";

/** Times are Unix seconds. */
export interface SerialLife {
  readonly batch: string;
  readonly serial: bigint;
  readonly project: string;
  readonly vintage: number;
  readonly issued: {
    /** Null when the batch came about without one. */
    readonly issuanceId: string | null;
    readonly account: string;
    readonly at: bigint;
    readonly blockNumber: bigint;
    readonly txHash: string;
  };
  /** In chain order; the first is the issuance. At most 1,000. */
  readonly steps: readonly SerialStep[];
  /** There were more steps than are told. */
  readonly hasMoreSteps: boolean;
  readonly end: {
    readonly state: SerialState;
    /** Who holds it, or who retired or cancelled it. */
    readonly account: string;
    readonly recordId: bigint | null;
  };
}

export type SerialStepKind = "issuance" | TransferKind | "retirement" | "cancellation";

/** A movement of the serial, and how long it stayed where it came to. */
export interface SerialStep {
  readonly kind: SerialStepKind;
  /** Null at the issuance. */
  readonly from: string | null;
  /** Null at the end of its life. */
  readonly to: string | null;
  readonly since: bigint;
  /** Of the next step; null when there is none. */
  readonly until: bigint | null;
  readonly blockNumber: bigint;
  readonly logIndex: number;
  readonly txHash: string;
  /** From this step to the next the exchange held it for its owners, who are not told apart by serials. */
  readonly inExchange: boolean;
  /** Trades of the batch meanwhile (`<block>-<log index>`), the first 100: any of them may have been of this tonne. */
  readonly trades: readonly string[];
  readonly hasMoreTrades: boolean;
}

/**
 * From issuance to retirement: everything that happened to one tonne. Null when the batch has no such serial.
 * @param exchange address of the exchange, as the manifest has it.
 */
export async function serialLife(
  _db: Db,
  _batch: string,
  _serial: bigint,
  _exchange: string,
): Promise<SerialLife | null> {
  return await Promise.resolve(null);
}
