import { describe, expect, it } from "vitest";

import { ANY, BATCH, blocks, deployWithBatch, ethers, eventsOf, expectRefusal, listOf } from "../../support/units.js";

describe("burn", () => {
  it("INV-1 should count what is retired apart from what is cancelled", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, retirements, alice } = ledger;

    await units.connect(retirements).burn(alice, BATCH, 30, ANY, false);
    await units.connect(retirements).burn(alice, BATCH, 5, ANY, true);

    expect([...(await units.totals(BATCH))]).toEqual([1000n, 965n, 30n, 5n]);
    expect(await units.balanceOf(alice, BATCH)).toBe(965n);
  });

  it("should return and emit the serials that went", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, retirements, alice } = ledger;
    const named = blocks([501, 510], [1, 1]);

    const taken = await units.connect(retirements).burn.staticCall(alice, BATCH, 11, named, false);
    const events = await eventsOf(ledger, units.connect(retirements).burn(alice, BATCH, 11, named, false));

    expect(taken.map(({ start, end }) => [start, end])).toEqual([
      [501n, 510n],
      [1n, 1n],
    ]);
    expect(events).toEqual([
      { name: "TransferSingle", args: [retirements.address, alice.address, ethers.ZeroAddress, BATCH, 11n] },
      {
        name: "BlocksMoved",
        args: [
          BATCH,
          alice.address,
          ethers.ZeroAddress,
          [
            [501n, 510n],
            [1n, 1n],
          ],
        ],
      },
    ]);
    expect(await listOf(ledger, alice)).toEqual(blocks([2, 500], [511, 1000]));
  });

  it("INV-8 should refuse to take serials that are gone", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, retirements, alice, bob } = ledger;
    await units.connect(retirements).burn(alice, BATCH, 10, blocks([1, 10]), false);

    const again = units.connect(retirements).burn(alice, BATCH, 1, blocks([10, 10]), true);
    await expectRefusal(ledger, again, "UnitsBlockNotHeld", [alice, BATCH, 10n, 10n]);
    const moved = units.connect(alice).transfer(alice, bob, BATCH, 1, blocks([10, 10]));
    await expectRefusal(ledger, moved, "UnitsBlockNotHeld", [alice, BATCH, 10n, 10n]);
  });

  it("should refuse any caller but the retirements contract", async () => {
    const ledger = await deployWithBatch();
    const { units, alice, registry, intents } = ledger;

    for (const caller of [alice, registry, intents]) {
      const call = units.connect(caller).burn(alice, BATCH, 1, ANY, false);
      await expectRefusal(ledger, call, "UnitsCallerNotAllowed", [caller, alice]);
    }
  });

  it("should refuse amount zero, more than the balance, another sum, and frozen units", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice, retirements, officer } = ledger;
    const burn = (tonnes: number, named = ANY): Promise<unknown> =>
      units.connect(retirements).burn(alice, BATCH, tonnes, named, false);

    await expectRefusal(ledger, burn(0), "UnitsAmountZero", [BATCH]);
    await expectRefusal(ledger, burn(1001), "UnitsInsufficientBalance", [alice, BATCH, 1000n, 1001n]);
    await expectRefusal(ledger, burn(2, blocks([1, 1])), "UnitsTonnesMismatch", [2n, 1n]);
    await units.connect(officer).setFrozenTokens(alice, BATCH, 1000);
    await expectRefusal(ledger, burn(1), "ERC7943InsufficientUnfrozenBalance", [alice, BATCH, 1n, 0n]);
  });

  it("should be stopped by either pause", async () => {
    const ledger = await deployWithBatch();
    const { units, alice, retirements, guardian, officer } = ledger;
    const burn = (): Promise<unknown> => units.connect(retirements).burn(alice, BATCH, 1, ANY, false);

    await units.connect(guardian).pauseBatch(BATCH);
    await expectRefusal(ledger, burn(), "UnitsBatchPaused", [BATCH]);
    await units.connect(guardian).pause();
    await expectRefusal(ledger, burn(), "UnitsPaused", []);
    await units.connect(officer).unpause();
    await units.connect(officer).unpauseBatch(BATCH);
    await burn();
  });
});
