import { describe, expect, it } from "vitest";

import { BATCH, blocks, deployUnits, ethers, eventsOf, expectRefusal, listOf, suspend } from "../../support/units.js";

const MOST = 2n ** 40n - 1n;

describe("issue", () => {
  it("should give the first serials to the recipient and the rest to the buffer", async () => {
    const ledger = await deployUnits();
    const { units, registry, alice, bob } = ledger;

    const events = await eventsOf(ledger, units.connect(registry).issue(BATCH, alice, 1000, bob, 100));

    expect(events).toEqual([
      { name: "TransferSingle", args: [registry.address, ethers.ZeroAddress, alice.address, BATCH, 900n] },
      { name: "BlocksMoved", args: [BATCH, ethers.ZeroAddress, alice.address, [[1n, 900n]]] },
      { name: "TransferSingle", args: [registry.address, ethers.ZeroAddress, bob.address, BATCH, 100n] },
      { name: "BlocksMoved", args: [BATCH, ethers.ZeroAddress, bob.address, [[901n, 1000n]]] },
    ]);
    expect(await listOf(ledger, alice)).toEqual(blocks([1, 900]));
    expect(await listOf(ledger, bob)).toEqual(blocks([901, 1000]));
    expect([...(await units.totals(BATCH))]).toEqual([1000n, 1000n, 0n, 0n]);
  });

  it("should issue without a buffer, or to the buffer alone", async () => {
    const ledger = await deployUnits();
    const { units, registry, alice, bob } = ledger;

    await units.connect(registry).issue(BATCH, alice, MOST, ethers.ZeroAddress, 0);
    await units.connect(registry).issue(BATCH + 1n, alice, 5, bob, 5);

    expect(await units.balanceOf(alice, BATCH)).toBe(MOST);
    expect(await units.balanceOf(alice, BATCH + 1n)).toBe(0n);
    expect(await units.balanceOf(bob, BATCH + 1n)).toBe(5n);
  });

  it("should merge both shares when recipient and buffer are one account", async () => {
    const ledger = await deployUnits();
    const { units, registry, alice } = ledger;

    await units.connect(registry).issue(BATCH, alice, 10, alice, 4);

    expect(await listOf(ledger, alice)).toEqual(blocks([1, 10]));
  });

  it("should refuse a batch that exists", async () => {
    const ledger = await deployUnits();
    const { units, registry, alice } = ledger;
    await units.connect(registry).issue(BATCH, alice, 10, alice, 0);

    const call = units.connect(registry).issue(BATCH, alice, 10, alice, 0);

    await expectRefusal(ledger, call, "UnitsBatchExists", [BATCH]);
  });

  it("should refuse no tonnes, too many, and a buffer above the whole", async () => {
    const ledger = await deployUnits();
    const { units, registry, alice, bob } = ledger;
    const issue = (tonnes: bigint, buffer: bigint): Promise<unknown> =>
      units.connect(registry).issue(BATCH, alice, tonnes, bob, buffer);

    await expectRefusal(ledger, issue(0n, 0n), "UnitsAmountZero", [BATCH]);
    await expectRefusal(ledger, issue(MOST + 1n, 0n), "UnitsBlockInvalid", [1n, MOST + 1n]);
    await expectRefusal(ledger, issue(10n, 11n), "UnitsTonnesMismatch", [10n, 11n]);
  });

  it("INV-3 should refuse any caller but the registry", async () => {
    const ledger = await deployUnits();
    const { units, registrar, intents, alice } = ledger;

    for (const caller of [alice, registrar, intents]) {
      const call = units.connect(caller).issue(BATCH, alice, 10, alice, 0);
      await expectRefusal(ledger, call, "UnitsCallerNotAllowed", [caller, alice]);
    }
  });

  it("INV-4 should refuse a recipient or a buffer that is not active", async () => {
    const ledger = await deployUnits();
    const { units, registry, alice, bob } = ledger;
    await suspend(ledger, bob);

    const toRecipient = units.connect(registry).issue(BATCH, bob, 10, alice, 1);
    await expectRefusal(ledger, toRecipient, "ERC7943CannotReceive", [bob]);
    const toBuffer = units.connect(registry).issue(BATCH, alice, 10, bob, 1);
    await expectRefusal(ledger, toBuffer, "ERC7943CannotReceive", [bob]);
  });

  it("should be stopped by either pause, also before the batch exists", async () => {
    const ledger = await deployUnits();
    const { units, registry, guardian, officer, alice } = ledger;
    await units.connect(guardian).pause();
    await units.connect(guardian).pauseBatch(BATCH);
    const issue = (): Promise<unknown> => units.connect(registry).issue(BATCH, alice, 10, alice, 0);

    await expectRefusal(ledger, issue(), "UnitsPaused", []);
    await units.connect(officer).unpause();
    await expectRefusal(ledger, issue(), "UnitsBatchPaused", [BATCH]);
    await units.connect(officer).unpauseBatch(BATCH);
    await issue();
    expect(await units.balanceOf(alice, BATCH)).toBe(10n);
  });

  it("should ask a recipient that is a contract", async () => {
    const ledger = await deployUnits();
    const { units, registry, registrar, participants, alice } = ledger;
    const receiver = await ethers.deployContract("ReceiverMock");
    await participants.connect(registrar).addAccount(2, receiver);
    await receiver.set(1, alice);

    await expect(units.connect(registry).issue(BATCH, receiver, 10, receiver, 1)).rejects.toThrow(
      "ReceiverMockRefused",
    );

    await receiver.set(0, alice);
    await units.connect(registry).issue(BATCH, receiver, 10, receiver, 1);
    expect(await units.balanceOf(receiver, BATCH)).toBe(10n);
  });
});
