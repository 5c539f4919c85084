import { describe, expect, it } from "vitest";

import {
  BATCH,
  blocks,
  deployWithBatch,
  eventsOf,
  expectRefusal,
  listOf,
  type Range,
  type UnitsLedger,
} from "../../support/units.js";

/** Bob gets [1, 1], then more lone blocks than the merge window sees, then [2, 2]. */
async function deployWithDistantNeighbours(): Promise<UnitsLedger> {
  const ledger = await deployWithBatch(1000);
  const { units, alice, bob } = ledger;
  const lone = Array.from({ length: Number(await units.MERGE_WINDOW()) }, (_, i): Range => [10 + 2 * i, 10 + 2 * i]);
  const named = blocks([1, 1], ...lone, [2, 2]);
  await units.connect(alice).transfer(alice, bob, BATCH, named.length, named);
  return ledger;
}

describe("mergeBlocks", () => {
  it("should make one block of two neighbours that the window kept apart, whoever asks", async () => {
    const ledger = await deployWithDistantNeighbours();
    const { units, bob, stranger } = ledger;
    const before = await listOf(ledger, bob);

    const events = await eventsOf(ledger, units.connect(stranger).mergeBlocks(bob, BATCH, 0, before.length - 1));

    expect(events).toEqual([{ name: "BlocksMerged", args: [BATCH, bob.address, 1n, 2n] }]);
    expect(await listOf(ledger, bob)).toEqual([...blocks([1, 2]), ...before.slice(1, -1)]);
    expect(await units.balanceOf(bob, BATCH)).toBe(BigInt(before.length));
  });

  it("should merge though all is paused: nothing moves", async () => {
    const ledger = await deployWithDistantNeighbours();
    const { units, bob, guardian } = ledger;
    const last = (await units.blockCount(bob, BATCH)) - 1n;
    await units.connect(guardian).pause();

    await units.mergeBlocks(bob, BATCH, 0, last);

    expect(await units.blockCount(bob, BATCH)).toBe(last);
  });

  it("should refuse blocks that are not neighbours in this order", async () => {
    const ledger = await deployWithDistantNeighbours();
    const { units, bob } = ledger;
    const last = (await units.blockCount(bob, BATCH)) - 1n;

    await expectRefusal(ledger, units.mergeBlocks(bob, BATCH, last, 0), "UnitsBlocksNotAdjacent", [2n, 1n]);
    await expectRefusal(ledger, units.mergeBlocks(bob, BATCH, 0, 1), "UnitsBlocksNotAdjacent", [1n, 10n]);
    await expectRefusal(ledger, units.mergeBlocks(bob, BATCH, 0, 0), "UnitsBlocksNotAdjacent", [1n, 1n]);
  });

  it("should refuse places beyond the list", async () => {
    const ledger = await deployWithDistantNeighbours();
    const { units, bob, carol } = ledger;
    const count = await units.blockCount(bob, BATCH);

    await expectRefusal(ledger, units.mergeBlocks(bob, BATCH, count, 0), "UnitsBlockIndexInvalid", [count, count]);
    await expectRefusal(ledger, units.mergeBlocks(bob, BATCH, 0, count), "UnitsBlockIndexInvalid", [count, count]);
    await expectRefusal(ledger, units.mergeBlocks(carol, BATCH, 0, 0), "UnitsBlockIndexInvalid", [0n, 0n]);
  });
});
