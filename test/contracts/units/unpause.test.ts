import { describe, expect, it } from "vitest";

import { ANY, BATCH, deployWithBatch, eventsOf, expectRefusal } from "../../support/units.js";

describe("unpause", () => {
  it("should let transfers go on, and say who did it", async () => {
    const ledger = await deployWithBatch();
    const { units, guardian, officer, alice, bob } = ledger;
    await units.connect(guardian).pause();

    const events = await eventsOf(ledger, units.connect(officer).unpause());

    expect(events).toEqual([{ name: "Unpaused", args: [officer.address] }]);
    expect(await units.paused()).toBe(false);
    await units.connect(alice).transfer(alice, bob, BATCH, 1, ANY);
  });

  it("should refuse when not paused", async () => {
    const ledger = await deployWithBatch();

    await expectRefusal(ledger, ledger.units.connect(ledger.officer).unpause(), "UnitsNotPaused", []);
  });

  it("should not be the guardian's", async () => {
    const ledger = await deployWithBatch();
    const { units, guardian } = ledger;
    await units.connect(guardian).pause();

    await expectRefusal(ledger, units.connect(guardian).unpause(), "AccessManagedUnauthorized", [guardian]);
  });
});
