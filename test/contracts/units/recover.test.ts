import { describe, expect, it } from "vitest";

import {
  ANY,
  BATCH,
  blocks,
  deployWithBatch,
  ethers,
  eventsOf,
  expectRefusal,
  listOf,
  replaceAccount,
  scatter,
  suspend,
} from "../../support/units.js";

describe("recover", () => {
  it("should carry the holding of a lost account to its successor", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, officer, alice, stranger } = ledger;
    await replaceAccount(ledger, alice, stranger);

    expect(await units.connect(officer).recover.staticCall(alice, BATCH)).toBe(1000n);
    const events = await eventsOf(ledger, units.connect(officer).recover(alice, BATCH));

    expect(events).toEqual([
      { name: "TransferSingle", args: [officer.address, alice.address, stranger.address, BATCH, 1000n] },
      { name: "BlocksMoved", args: [BATCH, alice.address, stranger.address, [[1n, 1000n]]] },
      { name: "Recovered", args: [alice.address, stranger.address, BATCH, 1000n] },
    ]);
    expect(await listOf(ledger, stranger)).toEqual(blocks([1, 1000]));
  });

  it("should carry at most the limit of blocks a call, until nothing is left", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, officer, bob, stranger } = ledger;
    await scatter(ledger, 70);
    await replaceAccount(ledger, bob, stranger);

    await units.connect(officer).recover(bob, BATCH);
    expect(await units.balanceOf(stranger, BATCH)).toBe(64n);
    await units.connect(officer).recover(bob, BATCH);

    expect(await units.balanceOf(stranger, BATCH)).toBe(70n);
    expect(await units.balanceOf(bob, BATCH)).toBe(0n);
    await expectRefusal(ledger, units.connect(officer).recover(bob, BATCH), "UnitsAmountZero", [BATCH]);
  });

  it("should carry the frozen amount first, and add it to the successor's", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, officer, bob, carol, stranger } = ledger;
    await scatter(ledger, 70);
    await units.connect(officer).setFrozenTokens(bob, BATCH, 70);
    await units.connect(officer).setFrozenTokens(stranger, BATCH, 3);
    await replaceAccount(ledger, bob, stranger);

    const events = await eventsOf(ledger, units.connect(officer).recover(bob, BATCH));

    expect(events.slice(0, 2)).toEqual([
      { name: "Frozen", args: [bob.address, BATCH, 0n] },
      { name: "Frozen", args: [stranger.address, BATCH, 73n] },
    ]);
    const early = units.connect(stranger).transfer(stranger, carol, BATCH, 1, ANY);
    await expectRefusal(ledger, early, "ERC7943InsufficientUnfrozenBalance", [stranger, BATCH, 1n, 0n]);
  });

  it("should carry a frozen amount without a holding, and stop at the highest number", async () => {
    const ledger = await deployWithBatch();
    const { units, officer, bob, stranger } = ledger;
    await units.connect(officer).setFrozenTokens(bob, BATCH, ethers.MaxUint256);
    await units.connect(officer).setFrozenTokens(stranger, BATCH, 3);
    await replaceAccount(ledger, bob, stranger);

    const events = await eventsOf(ledger, units.connect(officer).recover(bob, BATCH));

    expect(events.at(-1)).toEqual({ name: "Recovered", args: [bob.address, stranger.address, BATCH, 0n] });
    expect(await units.getFrozenTokens(stranger, BATCH)).toBe(ethers.MaxUint256);
    expect(await units.getFrozenTokens(bob, BATCH)).toBe(0n);
  });

  it("should work while all is paused", async () => {
    const ledger = await deployWithBatch();
    const { units, officer, guardian, alice, stranger } = ledger;
    await replaceAccount(ledger, alice, stranger);
    await units.connect(guardian).pause();
    await units.connect(guardian).pauseBatch(BATCH);

    await units.connect(officer).recover(alice, BATCH);

    expect(await units.balanceOf(stranger, BATCH)).toBe(1000n);
  });

  it("should refuse an account that is not replaced", async () => {
    const ledger = await deployWithBatch();
    const { units, officer, alice, stranger } = ledger;

    for (const account of [alice, stranger]) {
      await expectRefusal(ledger, units.connect(officer).recover(account, BATCH), "UnitsNotReplaced", [account]);
    }
  });

  it("INV-4 should refuse while the successor is not active", async () => {
    const ledger = await deployWithBatch();
    const { units, officer, alice, stranger } = ledger;
    await replaceAccount(ledger, alice, stranger);
    await suspend(ledger, alice);

    const call = units.connect(officer).recover(alice, BATCH);

    await expectRefusal(ledger, call, "ERC7943CannotReceive", [stranger]);
  });

  it("should be restricted", async () => {
    const ledger = await deployWithBatch();
    const { units, alice, stranger, enforcer } = ledger;
    await replaceAccount(ledger, alice, stranger);

    for (const caller of [stranger, enforcer]) {
      const call = units.connect(caller).recover(alice, BATCH);
      await expectRefusal(ledger, call, "AccessManagedUnauthorized", [caller]);
    }
  });
});
