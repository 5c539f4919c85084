import { describe, expect, it } from "vitest";

import { ANY, BATCH, deployWithBatch, eventsOf, expectRefusal } from "../../support/units.js";

describe("unpauseBatch", () => {
  it("should let the batch move again, totals unchanged, and say who did it", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, guardian, officer, alice, bob } = ledger;
    await units.connect(guardian).pauseBatch(BATCH);

    const events = await eventsOf(ledger, units.connect(officer).unpauseBatch(BATCH));

    expect(events).toEqual([{ name: "BatchUnpaused", args: [BATCH, officer.address] }]);
    expect(await units.batchPaused(BATCH)).toBe(false);
    expect([...(await units.totals(BATCH))]).toEqual([1000n, 1000n, 0n, 0n]);
    await units.connect(alice).transfer(alice, bob, BATCH, 1, ANY);
  });

  it("should refuse when not paused", async () => {
    const ledger = await deployWithBatch();

    await expectRefusal(ledger, ledger.units.connect(ledger.officer).unpauseBatch(BATCH), "UnitsNotPaused", []);
  });

  it("should not be the guardian's", async () => {
    const ledger = await deployWithBatch();
    const { units, guardian } = ledger;
    await units.connect(guardian).pauseBatch(BATCH);

    const call = units.connect(guardian).unpauseBatch(BATCH);

    await expectRefusal(ledger, call, "AccessManagedUnauthorized", [guardian]);
  });
});
