import type { LedgerEvent } from "../chain/event-types.js";
import type { Difference } from "./compare.js";
import { askedAt } from "./compare.js";
import type { Check } from "./checks.js";
import { Findings, textOf } from "./findings.js";
import { LedgerState } from "./ledger-state.js";

export interface LocateOptions {
  /** The exchange's address. */
  readonly exchange: string;
  readonly fromBlock: bigint;
  /** Where the differences were found. */
  readonly toBlock: bigint;
  /** All events once more, in chain order. */
  readonly events: () => AsyncIterable<LedgerEvent>;
  readonly signal?: AbortSignal | undefined;
}

/** What the logs said about one thing, from a block on. */
interface Step {
  readonly block: bigint;
  readonly value: string;
}

interface Watched {
  readonly check: Check;
  readonly steps: Step[];
}

/** So many differences are located; each costs some twenty calls, and all together one more pass over the logs. */
export const MOST_LOCATED = 20;

/**
 * Finds the block in which each difference came about: before it, logs and contract agree, in it they do not. Needs a node that has the
 * contracts' state of the past; where it lacks that, the place stays unknown.
 */
export async function locate(differences: readonly Difference[], options: LocateOptions): Promise<Map<Check, bigint>> {
  const watched = differences.slice(0, MOST_LOCATED).map(({ check }): Watched => ({ check, steps: [] }));
  const found = new Map<Check, bigint>();
  if (watched.length === 0) return found;
  await follow(watched, options);
  for (const one of watched) {
    const block = await firstDifference(one, options);
    if (block !== null) found.set(one.check, block);
  }
  return found;
}

/** Goes through the history again and writes down what is watched, whenever it changes. */
async function follow(watched: readonly Watched[], { exchange, events }: LocateOptions): Promise<void> {
  const state = new LedgerState(exchange, new Findings(), null);
  let open: bigint | null = null;
  let touched = new Set<string>();
  const close = (): void => {
    if (open === null) return;
    state.endTransaction();
    for (const { check, steps } of watched) {
      if (check.batch !== null && !touched.has(check.batch)) continue;
      const value = textOf(check.derive(state));
      if (steps.at(-1)?.value !== value) steps.push({ block: open, value });
    }
    touched = new Set();
  };
  for (const { check, steps } of watched) steps.push({ block: 0n, value: textOf(check.derive(state)) });
  for await (const event of events()) {
    if (open !== event.blockNumber) close();
    open = event.blockNumber;
    state.apply(event);
    for (const name of ["batchId", "tokenId"] as const) {
      const batch = (event.args as Readonly<Record<string, unknown>>)[name];
      if (typeof batch === "string") touched.add(batch);
    }
  }
  close();
}

async function firstDifference({ check, steps }: Watched, options: LocateOptions): Promise<bigint | null> {
  const { fromBlock, toBlock, signal } = options;
  let agrees = fromBlock - 1n;
  let differs = toBlock;
  try {
    while (differs - agrees > 1n) {
      signal?.throwIfAborted();
      const middle = (agrees + differs) / 2n;
      const found = await askedAt(check, middle, signal);
      // Before the contract was there, it said as little as the logs.
      const isSame = found === "no answer" || textOf(found) === valueAt(steps, middle);
      if (isSame) agrees = middle;
      else differs = middle;
    }
    return differs;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return null;
  }
}

function valueAt(steps: readonly Step[], block: bigint): string {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((steps[middle]?.block ?? 0n) <= block) low = middle + 1;
    else high = middle;
  }
  return steps[low - 1]?.value ?? "";
}
