import { describe, expect, it } from "vitest";

import {
  BATCH,
  blocks,
  deployWithBatch,
  ethers,
  eventsOf,
  expectRefusal,
  listOf,
  suspend,
} from "../../support/units.js";

describe("forcedTransfer", () => {
  it("ERC-7943 should move the units with the standard's event and its own", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, enforcer, alice, bob } = ledger;

    expect(await units.connect(enforcer).forcedTransfer.staticCall(alice, bob, BATCH, 10)).toBe(true);
    const events = await eventsOf(ledger, units.connect(enforcer).forcedTransfer(alice, bob, BATCH, 10));

    expect(events).toEqual([
      { name: "TransferSingle", args: [enforcer.address, alice.address, bob.address, BATCH, 10n] },
      { name: "BlocksMoved", args: [BATCH, alice.address, bob.address, [[1n, 10n]]] },
      { name: "ForcedTransfer", args: [alice.address, bob.address, BATCH, 10n] },
    ]);
    expect(await listOf(ledger, bob)).toEqual(blocks([1, 10]));
  });

  it("ERC-7943 should be restricted", async () => {
    const ledger = await deployWithBatch();
    const { units, officer, guardian, alice, bob } = ledger;

    for (const caller of [alice, bob, officer, guardian]) {
      const call = units.connect(caller).forcedTransfer(alice, bob, BATCH, 1);
      await expectRefusal(ledger, call, "AccessManagedUnauthorized", [caller]);
    }
  });

  describe("given frozen units in the way", () => {
    it("ERC-7943 should unfreeze as many as it takes, and say so before the transfer", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, enforcer, officer, alice, bob } = ledger;
      await units.connect(officer).setFrozenTokens(alice, BATCH, 950);

      const events = await eventsOf(ledger, units.connect(enforcer).forcedTransfer(alice, bob, BATCH, 200));

      expect(events[0]).toEqual({ name: "Frozen", args: [alice.address, BATCH, 800n] });
      expect(events.map(({ name }) => name)).toEqual(["Frozen", "TransferSingle", "BlocksMoved", "ForcedTransfer"]);
      expect(await units.getFrozenTokens(alice, BATCH)).toBe(800n);
    });

    it("should keep what was frozen beyond the balance", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, enforcer, officer, alice, bob } = ledger;
      await units.connect(officer).setFrozenTokens(alice, BATCH, 5000);

      await units.connect(enforcer).forcedTransfer(alice, bob, BATCH, 1000);

      expect(await units.getFrozenTokens(alice, BATCH)).toBe(4000n);
      expect(await units.balanceOf(alice, BATCH)).toBe(0n);
    });

    it("should leave the frozen amount alone when enough is free", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, enforcer, officer, alice, bob } = ledger;
      await units.connect(officer).setFrozenTokens(alice, BATCH, 900);

      const events = await eventsOf(ledger, units.connect(enforcer).forcedTransfer(alice, bob, BATCH, 100));

      expect(events.map(({ name }) => name)).not.toContain("Frozen");
      expect(await units.getFrozenTokens(alice, BATCH)).toBe(900n);
    });

    it("ERC-7943 should have unfrozen before a receiver that is a contract is asked", async () => {
      const ledger = await deployWithBatch(1000);
      const { units, enforcer, officer, registrar, participants, alice, carol } = ledger;
      const receiver = await ethers.deployContract("ReceiverMock");
      await participants.connect(registrar).addAccount(2, receiver);
      await receiver.set(2, carol);
      await units.connect(officer).setFrozenTokens(alice, BATCH, 1000);

      await units.connect(enforcer).forcedTransfer(alice, receiver, BATCH, 1000);

      expect(await listOf(ledger, carol)).toEqual(blocks([1, 1000]));
      expect(await units.getFrozenTokens(alice, BATCH)).toBe(0n);
    });
  });

  it("should take from a suspended sender, and work while all is paused", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, enforcer, guardian, alice, bob } = ledger;
    await suspend(ledger, alice);
    await units.connect(guardian).pause();
    await units.connect(guardian).pauseBatch(BATCH);

    await units.connect(enforcer).forcedTransfer(alice, bob, BATCH, 1000);

    expect(await units.balanceOf(bob, BATCH)).toBe(1000n);
  });

  it("INV-4 ERC-7943 should refuse a receiver that may not receive", async () => {
    const ledger = await deployWithBatch();
    const { units, enforcer, alice, bob, stranger } = ledger;
    await suspend(ledger, bob);

    for (const to of [bob.address, stranger.address, ethers.ZeroAddress]) {
      const call = units.connect(enforcer).forcedTransfer(alice, to, BATCH, 1);
      await expectRefusal(ledger, call, "ERC7943CannotReceive", [to]);
    }
  });

  it("ERC-7943 should refuse amount zero and more than the balance, frozen or not", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, enforcer, officer, alice, bob } = ledger;
    await units.connect(officer).setFrozenTokens(alice, BATCH, 5000);
    const force = (tonnes: bigint): Promise<unknown> =>
      units.connect(enforcer).forcedTransfer(alice, bob, BATCH, tonnes);

    await expectRefusal(ledger, force(0n), "UnitsAmountZero", [BATCH]);
    await expectRefusal(ledger, force(1001n), "UnitsInsufficientBalance", [alice, BATCH, 1000n, 1001n]);
    const most = ethers.MaxUint256;
    await expectRefusal(ledger, force(most), "UnitsInsufficientBalance", [alice, BATCH, 1000n, most]);
  });
});
