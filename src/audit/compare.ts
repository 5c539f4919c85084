import type { BalancesReader, HoldingKey } from "../chain/audit-calls.js";
import type { LedgerReader } from "../chain/ledger-reader.js";
import { checksOf, holdingCheck, type Check } from "./checks.js";
import { textOf } from "./findings.js";
import type { LedgerState } from "./ledger-state.js";
import { isAnswer, patiently } from "./patience.js";

/** What the contracts are asked with. */
export interface Contracts {
  readonly reader: LedgerReader;
  readonly balances: BalancesReader;
}

export interface CompareOptions extends Contracts {
  readonly state: LedgerState;
  readonly block: bigint;
  readonly onProgress: (done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A check whose two sides differ. */
export interface Difference {
  readonly check: Check;
  readonly expected: unknown;
  readonly found: unknown;
}

export interface Comparison {
  /** How many of each were compared. */
  readonly counts: Record<string, number>;
  readonly differences: readonly Difference[];
}

/** Calls under way at once. */
export const CALLS_AT_ONCE = 64;
/** Holdings that one call asks for. */
const PAIRS_AT_ONCE = 400;
/** More pairs of account and batch than this are not asked for one by one; how many were left out is counted. */
const MOST_PAIRS = 2_000_000;

/** Compares what the logs say about the present with the contracts at a block. Rejects when the node does not answer. */
export async function compareState(options: CompareOptions): Promise<Comparison> {
  const { state, reader, block, onProgress, signal } = options;
  const counts: Record<string, number> = {};
  const differences: Difference[] = [];
  const checks = [...checksOf(state, reader)];
  const pairs = unheldPairs(state);
  const total = checks.length + pairs.asked;
  let done = 0;
  const compare = async (check: Check): Promise<void> => {
    const expected = check.derive(state);
    const found = await askedAt(check, block, signal);
    if (textOf(expected) !== textOf(found)) differences.push({ check, expected, found });
    counts[check.what] = (counts[check.what] ?? 0) + 1;
    onProgress(++done, total);
  };
  await inParallel(checks, CALLS_AT_ONCE, compare);
  await inParallel(pairs.chunks, CALLS_AT_ONCE, async (chunk) => {
    for (const key of await heldAmong(options, chunk)) await compare(holdingCheck(state, reader, key));
    counts["emptyHoldings"] = (counts["emptyHoldings"] ?? 0) + chunk.length;
    done += chunk.length;
    onProgress(done, total);
  });
  if (pairs.leftOut > 0) counts["emptyHoldingsNotCompared"] = pairs.leftOut;
  return { counts, differences };
}

/** What the contract says; a revert and no contract at all are answers, in words. */
export async function askedAt(check: Check, block: bigint, signal?: AbortSignal): Promise<unknown> {
  try {
    return await patiently(async () => await check.ask(block), signal);
  } catch (error) {
    if (isAnswer(error)) return "no answer";
    throw error;
  }
}

/** Runs over a list with some workers; each item once. Rejects with the first failure. */
export async function inParallel<T>(
  items: Iterable<T>,
  workers: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let hasFailed = false;
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true && !hasFailed; next = queue.next()) await work(next.value);
  };
  const guarded = async (): Promise<void> => {
    try {
      await worker();
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: workers }, guarded));
}

/** Every pair of a known account and a known batch that the logs give nothing. */
function unheldPairs(state: LedgerState): { chunks: Iterable<HoldingKey[]>; asked: number; leftOut: number } {
  let all = 0;
  for (const { holdings, frozen } of state.units.batches.values()) {
    all += state.accounts.size - new Set([...holdings.keys(), ...frozen.keys()]).size;
  }
  const asked = Math.max(0, Math.min(all, MOST_PAIRS));
  function* chunks(): Generator<HoldingKey[]> {
    let left = asked;
    let chunk: HoldingKey[] = [];
    for (const [batch, { holdings, frozen }] of state.units.batches) {
      for (const account of state.accounts) {
        if (left === 0) break;
        if (holdings.get(account) !== 0n || frozen.get(account) !== 0n) continue;
        left -= 1;
        chunk.push({ account, batch });
        if (chunk.length < PAIRS_AT_ONCE) continue;
        yield chunk;
        chunk = [];
      }
    }
    if (chunk.length > 0) yield chunk;
  }
  return { chunks: chunks(), asked, leftOut: Math.max(0, all - asked) };
}

async function heldAmong({ balances, block, signal }: CompareOptions, chunk: readonly HoldingKey[]) {
  const answers = await patiently(async () => await balances(chunk, block), signal);
  return chunk.filter((_, i) => answers[i] !== 0n);
}
