import type { Engine, Outcome } from "./engine.js";
import { EmbeddedNodeError } from "./errors.js";
import type { Journal } from "./journal.js";
import { toRecord } from "./sequencer.js";

const PROGRESS_EVERY = 500;

/**
 * Runs every transaction of the journal again and compares each block with the one recorded.
 * @throws EmbeddedNodeError "journal-mismatch", naming the first block that differs
 */
export async function replay(
  engine: Engine,
  journal: Journal,
  onProgress: (replayed: number, total: number) => void,
): Promise<void> {
  const total = journal.transactionCount;
  let replayed = 0;
  let pending: { first: number; outcomes: Outcome[] } | null = null;

  for await (const record of journal.records()) {
    if (record.kind === "outcomes") {
      compare(engine, record.items, pending?.outcomes ?? []);
      pending = null;
      continue;
    }

    const running: Promise<Outcome>[] = [];
    for (const [timestamp, raw] of record.items) {
      running.push((await engine.execute(timestamp, raw)).outcome);
      replayed += 1;
      if (replayed % PROGRESS_EVERY === 0 || replayed === total) onProgress(replayed, total);
    }
    pending = { first: record.first, outcomes: await Promise.all(running) };
  }

  // The process ended between writing down and running: the transactions count, their outcomes are known only now.
  if (pending !== null) await journal.append(toRecord(pending.first, pending.outcomes), { sync: true });
}

function compare(
  engine: Engine,
  recorded: readonly (readonly [number, string] | null)[],
  outcomes: readonly Outcome[],
): void {
  for (const [index, expected] of recorded.entries()) {
    const outcome = outcomes[index];
    const actual = outcome?.kind === "mined" ? ([outcome.blockNumber, outcome.blockHash] as const) : null;
    if (actual?.[0] === expected?.[0] && actual?.[1] === expected?.[1]) continue;

    const block = expected?.[0] ?? actual?.[0];
    const describe = (it: readonly [number, string] | null): string => it?.[1] ?? "no block (refused)";
    throw new EmbeddedNodeError(
      "journal-mismatch",
      `Replaying the journal does not give the recorded chain: block ${block} was ${describe(expected)} and is now ` +
        `${describe(actual)}. This node is ${engine.version}; run the version that wrote the journal.`,
    );
  }
}
