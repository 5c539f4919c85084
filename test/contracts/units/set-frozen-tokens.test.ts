import { describe, expect, it } from "vitest";

import {
  ANY,
  BATCH,
  OTHER_BATCH,
  blocks,
  deployWithBatch,
  ethers,
  eventsOf,
  expectRefusal,
  listOf,
} from "../../support/units.js";

describe("setFrozenTokens", () => {
  it("ERC-7943 should overwrite the frozen amount and emit it", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, officer, alice } = ledger;

    expect(await units.connect(officer).setFrozenTokens.staticCall(alice, BATCH, 300)).toBe(true);
    await units.connect(officer).setFrozenTokens(alice, BATCH, 300);
    const events = await eventsOf(ledger, units.connect(officer).setFrozenTokens(alice, BATCH, 200));

    expect(events).toEqual([{ name: "Frozen", args: [alice.address, BATCH, 200n] }]);
    expect(await units.getFrozenTokens(alice, BATCH)).toBe(200n);
    expect(await listOf(ledger, alice)).toEqual(blocks([1, 1000]));
  });

  it("should free all with zero", async () => {
    const { units, officer, alice, bob } = await deployWithBatch(1000);
    await units.connect(officer).setFrozenTokens(alice, BATCH, 1000);

    await units.connect(officer).setFrozenTokens(alice, BATCH, 0);

    expect(await units.getFrozenTokens(alice, BATCH)).toBe(0n);
    await units.connect(alice).transfer(alice, bob, BATCH, 1000, ANY);
  });

  it("ERC-7943 should allow more than the balance, which withholds what comes later", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, officer, alice, bob, carol } = ledger;
    await units.connect(officer).setFrozenTokens(bob, BATCH, ethers.MaxUint256);
    await units.connect(alice).transfer(alice, bob, BATCH, 10, ANY);

    const call = units.connect(bob).transfer(bob, carol, BATCH, 1, ANY);

    await expectRefusal(ledger, call, "ERC7943InsufficientUnfrozenBalance", [bob, BATCH, 1n, 0n]);
    expect(await units.getFrozenTokens(bob, BATCH)).toBe(ethers.MaxUint256);
  });

  it("should stay when the holding empties and fills again", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, officer, enforcer, alice, bob } = ledger;
    await units.connect(officer).setFrozenTokens(alice, BATCH, 1500);
    await units.connect(enforcer).forcedTransfer(alice, bob, BATCH, 1000);
    expect(await units.getFrozenTokens(alice, BATCH)).toBe(500n);

    await units.connect(bob).transfer(bob, alice, BATCH, 1000, ANY);

    expect(await units.canTransfer(alice, bob, BATCH, 500)).toBe(true);
    expect(await units.canTransfer(alice, bob, BATCH, 501)).toBe(false);
  });

  it("should freeze in one batch only", async () => {
    const { units, officer, alice } = await deployWithBatch(1000);

    await units.connect(officer).setFrozenTokens(alice, OTHER_BATCH, 7);

    expect(await units.getFrozenTokens(alice, BATCH)).toBe(0n);
    expect(await units.getFrozenTokens(alice, OTHER_BATCH)).toBe(7n);
  });

  it("ERC-7943 should be restricted", async () => {
    const ledger = await deployWithBatch();
    const { units, alice, guardian, enforcer } = ledger;

    for (const caller of [alice, guardian, enforcer]) {
      const call = units.connect(caller).setFrozenTokens(alice, BATCH, 1);
      await expectRefusal(ledger, call, "AccessManagedUnauthorized", [caller]);
    }
  });

  it("ERC-7943 should refuse what makes no sense: nobody's units", async () => {
    const ledger = await deployWithBatch();
    const { units, officer } = ledger;

    const call = units.connect(officer).setFrozenTokens(ethers.ZeroAddress, BATCH, 1);

    await expectRefusal(ledger, call, "ERC7943CannotSend", [ethers.ZeroAddress]);
  });
});
