import { describe, expect, it } from "vitest";

import { BATCH, deployWithBatch, ethers, scatter } from "../../support/units.js";

describe("blocksOf", () => {
  it("should give a page of the list, in list order", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, bob } = ledger;
    await scatter(ledger, 10);

    const page = await units.blocksOf(bob, BATCH, 3, 4);

    expect(page.map(({ start, end }) => [start, end])).toEqual([
      [7n, 7n],
      [9n, 9n],
      [11n, 11n],
      [13n, 13n],
    ]);
  });

  it("should give fewer at the end, and none beyond it", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, bob, carol } = ledger;
    await scatter(ledger, 10);

    expect(await units.blocksOf(bob, BATCH, 8, ethers.MaxUint256)).toHaveLength(2);
    expect(await units.blocksOf(bob, BATCH, 10, 10)).toHaveLength(0);
    expect(await units.blocksOf(bob, BATCH, ethers.MaxUint256, ethers.MaxUint256)).toHaveLength(0);
    expect(await units.blocksOf(carol, BATCH, 0, 10)).toHaveLength(0);
    expect(await units.blocksOf(bob, BATCH, 0, 0)).toHaveLength(0);
  });

  it("should give at most a thousand", async () => {
    const ledger = await deployWithBatch(3000);
    const { units, bob } = ledger;
    await scatter(ledger, 1050);

    expect(await units.blockCount(bob, BATCH)).toBe(1050n);
    expect(await units.blocksOf(bob, BATCH, 0, 5000)).toHaveLength(1000);
    expect(await units.blocksOf(bob, BATCH, 1000, 5000)).toHaveLength(50);
  });
});
