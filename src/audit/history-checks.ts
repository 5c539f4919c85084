import type { LedgerReader } from "../chain/ledger-reader.js";
import { CALLS_AT_ONCE, inParallel } from "./compare.js";
import type { Findings } from "./findings.js";
import type { Fill, HistoryFiles, RecordEntry } from "./history-files.js";
import { isAnswer, patiently } from "./patience.js";

export interface HistoryOptions {
  readonly files: HistoryFiles;
  readonly reader: LedgerReader;
  readonly block: bigint;
  readonly findings: Findings;
  readonly onProgress: (done: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Compares every record, deal and filled order with the contracts at a block. @returns how many of each */
export async function compareHistory(options: HistoryOptions): Promise<Record<string, number>> {
  const counts: Record<string, number> = { retirements: 0, cancellations: 0, deals: 0, orders: 0 };
  let done = 0;
  const count = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
    options.onProgress(++done);
  };
  for await (const entries of options.files.records("retired")) {
    await inParallel(entries, CALLS_AT_ONCE, async (entry) => {
      await compareRecord(options, "retirement", entry);
      count("retirements");
    });
  }
  for await (const entries of options.files.records("cancelled")) {
    await inParallel(entries, CALLS_AT_ONCE, async (entry) => {
      await compareRecord(options, "cancellation", entry);
      count("cancellations");
    });
  }
  for await (const entries of options.files.records("deals")) {
    await inParallel(entries, CALLS_AT_ONCE, async (entry) => {
      await compareDeal(options, entry);
      count("deals");
    });
  }
  for await (const fills of options.files.fills()) {
    await inParallel(fills, CALLS_AT_ONCE, async (fill) => {
      await compareFill(options, fill);
      count("orders");
    });
  }
  return counts;
}

async function compareRecord(
  { reader, block, findings, signal }: HistoryOptions,
  what: "retirement" | "cancellation",
  { id, hash: expected, block: told }: RecordEntry,
): Promise<void> {
  const read = what === "retirement" ? reader.retirementHash : reader.cancellationHash;
  const found = await answerOf(async () => await read(id, block), signal);
  if (found === expected) return;
  const detail = `hash of ${what} ${id}`;
  findings.add({ kind: "record-hash", expected, found, detail }, { blockNumber: told, txHash: null });
}

async function compareDeal(
  { reader, block, findings, signal }: HistoryOptions,
  { hash, block: told }: RecordEntry,
): Promise<void> {
  const found = await answerOf(async () => await reader.dealStatus(hash, block), signal);
  if (found === "settled") return;
  const finding = { kind: "fill", expected: "settled", found, detail: `status of deal ${hash}` } as const;
  findings.add(finding, { blockNumber: told, txHash: null });
}

/** The chain forgets what it no longer needs: the count of an order that is filled is zero. */
async function compareFill(
  { reader, block, findings, signal }: HistoryOptions,
  [hash, { tonnes, block: told }]: [string, Fill],
): Promise<void> {
  const found = await answerOf(async () => await reader.filledTonnes(hash, block), signal);
  if (found === tonnes || found === 0n) return;
  const finding = { kind: "fill", expected: tonnes, found, detail: `tonnes filled of order ${hash}` } as const;
  findings.add(finding, { blockNumber: told, txHash: null });
}

async function answerOf(ask: () => Promise<unknown>, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    return await patiently(ask, signal);
  } catch (error) {
    if (isAnswer(error)) return "no answer";
    throw error;
  }
}
