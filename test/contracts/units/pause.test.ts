import { describe, expect, it } from "vitest";

import { ANY, BATCH, deployWithBatch, eventsOf, expectRefusal } from "../../support/units.js";

describe("pause", () => {
  it("should stop transfers, and say who did it", async () => {
    const ledger = await deployWithBatch();
    const { units, guardian, alice, bob } = ledger;

    const events = await eventsOf(ledger, units.connect(guardian).pause());

    expect(events).toEqual([{ name: "Paused", args: [guardian.address] }]);
    expect(await units.paused()).toBe(true);
    await expectRefusal(ledger, units.connect(alice).transfer(alice, bob, BATCH, 1, ANY), "UnitsPaused", []);
  });

  it("should refuse when paused already", async () => {
    const ledger = await deployWithBatch();
    const { units, guardian } = ledger;
    await units.connect(guardian).pause();

    await expectRefusal(ledger, units.connect(guardian).pause(), "UnitsPaused", []);
  });

  it("should be the guardian's alone", async () => {
    const ledger = await deployWithBatch();
    const { units, officer } = ledger;

    await expectRefusal(ledger, units.connect(officer).pause(), "AccessManagedUnauthorized", [officer]);
  });
});
