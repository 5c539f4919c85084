import { describe, expect, it } from "vitest";

import { ANY, BATCH, OTHER_BATCH, deployWithBatch, eventsOf, expectRefusal, issueTo } from "../../support/units.js";

describe("pauseBatch", () => {
  it("should stop this batch only, and say who did it", async () => {
    const ledger = await deployWithBatch();
    const { units, guardian, alice, bob } = ledger;
    await issueTo(ledger, alice, 10, OTHER_BATCH);

    const events = await eventsOf(ledger, units.connect(guardian).pauseBatch(BATCH));

    expect(events).toEqual([{ name: "BatchPaused", args: [BATCH, guardian.address] }]);
    expect(await units.batchPaused(BATCH)).toBe(true);
    expect(await units.batchPaused(OTHER_BATCH)).toBe(false);
    const call = units.connect(alice).transfer(alice, bob, BATCH, 1, ANY);
    await expectRefusal(ledger, call, "UnitsBatchPaused", [BATCH]);
    await units.connect(alice).transfer(alice, bob, OTHER_BATCH, 1, ANY);
  });

  it("should refuse when paused already", async () => {
    const ledger = await deployWithBatch();
    const { units, guardian } = ledger;
    await units.connect(guardian).pauseBatch(BATCH);

    await expectRefusal(ledger, units.connect(guardian).pauseBatch(BATCH), "UnitsBatchPaused", [BATCH]);
  });

  it("should be the guardian's alone", async () => {
    const ledger = await deployWithBatch();
    const { units, officer } = ledger;

    await expectRefusal(ledger, units.connect(officer).pauseBatch(BATCH), "AccessManagedUnauthorized", [officer]);
  });
});
