import { describe, expect, it } from "vitest";

import type { Engine, Outcome } from "../../../../src/chain/embedded-node/engine.js";
import type { Journal, JournalRecord } from "../../../../src/chain/embedded-node/journal.js";
import { replay } from "../../../../src/chain/embedded-node/replay.js";

/** Mines each transaction whose bytes do not say otherwise; the block hash is made of the transaction. */
function fakeEngine(): Engine {
  let height = 0;
  const unused = (): never => {
    throw new Error("not needed here");
  };
  return {
    chainId: 7,
    genesisHash: "0x00",
    version: "engine-2",
    blockGasLimit: 1n,
    request: unused,
    lastTimestamp: unused,
    setClock: unused,
    execute: async (_, raw) => {
      const outcome: Outcome =
        raw === "0xbad"
          ? { kind: "refused", code: -32_000, message: "no" }
          : { kind: "mined", blockNumber: (height += 1), blockHash: `hash-of-${raw}`, transactionHash: raw };
      const result = outcome.kind === "mined" ? outcome.transactionHash : outcome;
      return await Promise.resolve({ result, outcome: Promise.resolve(outcome) });
    },
  };
}

function fakeJournal(records: JournalRecord[]): Journal & { readonly appended: JournalRecord[] } {
  const appended: JournalRecord[] = [];
  return {
    transactionCount: records.reduce((sum, r) => sum + (r.kind === "transactions" ? r.items.length : 0), 0),
    tornBytes: 0,
    async *records() {
      yield* await Promise.resolve(records);
    },
    append: async (record) => {
      appended.push(record);
      await Promise.resolve();
    },
    close: async () => await Promise.resolve(),
    appended,
  };
}

const TRANSACTIONS: JournalRecord = {
  kind: "transactions",
  first: 0,
  items: [
    [1, "0x1"],
    [1, "0xbad"],
    [2, "0x2"],
  ],
};

describe("a replay", () => {
  it("should accept the recorded blocks and refusals", async () => {
    const outcomes: JournalRecord = {
      kind: "outcomes",
      first: 0,
      items: [[1, "hash-of-0x1"], null, [2, "hash-of-0x2"]],
    };
    const journal = fakeJournal([TRANSACTIONS, outcomes]);

    await replay(fakeEngine(), journal, () => undefined);

    expect(journal.appended).toEqual([]);
  });

  it("should record the outcomes that a crash left unrecorded", async () => {
    const journal = fakeJournal([TRANSACTIONS]);

    await replay(fakeEngine(), journal, () => undefined);

    expect(journal.appended).toEqual([
      { kind: "outcomes", first: 0, items: [[1, "hash-of-0x1"], null, [2, "hash-of-0x2"]] },
    ]);
  });

  it.each([
    ["another hash", [[1, "hash-of-0x1"], null, [2, "other"]], /block 2 was other and is now hash-of-0x2/],
    ["a refusal", [null, null, [1, "hash-of-0x2"]], /block 1 was no block \(refused\) and is now hash-of-0x1/],
    [
      "a block for a refusal",
      [
        [1, "hash-of-0x1"],
        [2, "gone"],
        [3, "x"],
      ],
      /block 2 was gone and is now no block/,
    ],
  ] as const)("should be refused, naming the block, when the journal has %s", async (_, items, message) => {
    const journal = fakeJournal([TRANSACTIONS, { kind: "outcomes", first: 0, items }]);

    const failure: unknown = await replay(fakeEngine(), journal, () => undefined).catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: "journal-mismatch", message: expect.stringMatching(message) as unknown });
    expect(String(failure)).toContain("engine-2");
  });
});
