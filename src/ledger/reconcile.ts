import type { LedgerReader } from "../chain/ledger-reader.js";
import type { Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import type { Check } from "./reconcile-check.js";
import { checksOf } from "./reconcile-checks.js";
import { readSnapshot } from "./reconcile-snapshot.js";

export interface ReconcileOptions {
  readonly db: Db;
  /** Reads the contracts as they were at a block. */
  readonly reader: LedgerReader;
  /** Calls to the chain under way at once. */
  readonly concurrency?: number;
}

/** Something that the read model and the chain say differently. Both values are JSON text; `error` stands for what the chain refused. */
export interface Difference {
  /** As `holding`, `blocks`, `totals`, `participant`. */
  readonly what: string;
  /** Which one: its code, address or number. */
  readonly which: string;
  readonly readModel: string;
  readonly chain: string;
}

export interface Reconciliation {
  /** The block at which the two were compared; null when the read model is empty. */
  readonly blockNumber: bigint | null;
  /** Facts compared. */
  readonly compared: number;
  readonly differences: readonly Difference[];
}

const CONCURRENCY = 16;

/**
 * Compares the read model with the contracts at the block that the read model is at: all that the contracts can be asked for. The read
 * model is read as one snapshot, and kept in memory meanwhile, so that blocks applied later neither wait nor look like differences.
 * Rejects when the node does not answer, or no longer has the state of that block.
 */
export async function reconcile({ db, reader, concurrency = CONCURRENCY }: ReconcileOptions): Promise<Reconciliation> {
  const snapshot = await readSnapshot(db);
  if (snapshot === null) return { blockNumber: null, compared: 0, differences: [] };
  const checks = checksOf(snapshot, reader);
  const differences: Difference[] = [];
  await inParallel(checks, concurrency, async ({ what, which, readModel, ask }) => {
    const ours = jsonText(readModel);
    const theirs = jsonText(await askOrError(ask));
    if (ours !== theirs) differences.push({ what, which, readModel: ours, chain: theirs });
  });
  differences.sort((a, b) => (`${a.what} ${a.which}` < `${b.what} ${b.which}` ? -1 : 1));
  return { blockNumber: snapshot.blockNumber, compared: checks.length, differences };
}

/** A revert is an answer (the contract does not know the thing); any other failure is none. */
async function askOrError(ask: Check["ask"]): Promise<unknown> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "CALL_EXCEPTION") return { error: "reverted" };
    throw error;
  }
}

async function inParallel(
  checks: readonly Check[],
  workers: number,
  work: (check: Check) => Promise<void>,
): Promise<void> {
  const queue = checks[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const check of queue) await work(check);
  };
  await Promise.all(Array.from({ length: workers }, worker));
}
