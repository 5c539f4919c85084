import { describe, expect, it } from "vitest";

import { ANY, BATCH, OTHER_BATCH, deployWithBatch, ethers, suspend } from "../../support/units.js";

describe("canTransfer", () => {
  it("should allow what a transfer would do", async () => {
    const { units, alice, bob } = await deployWithBatch(1000);

    expect(await units.canTransfer(alice, bob, BATCH, 1000)).toBe(true);
  });

  it("ERC-7943 should never revert, whatever it is asked", async () => {
    const { units, alice, bob, stranger, officer } = await deployWithBatch(1000);
    await units.connect(officer).setFrozenTokens(alice, BATCH, ethers.MaxUint256);
    const accounts = [ethers.ZeroAddress, alice.address, bob.address, stranger.address, await units.getAddress()];
    const numbers = [0n, 1n, BATCH, 2n ** 40n, 2n ** 64n, 2n ** 128n, ethers.MaxUint256];

    for (const from of accounts) {
      for (const to of accounts) {
        for (const batch of numbers) {
          for (const tonnes of [0n, 1n, 2n ** 40n, ethers.MaxUint256]) {
            expect(typeof (await units.canTransfer(from, to, batch, tonnes))).toBe("boolean");
          }
        }
      }
    }
  });

  it("ERC-7943 should refuse more than the unfrozen amount", async () => {
    const { units, alice, bob, officer } = await deployWithBatch(1000);
    await units.connect(officer).setFrozenTokens(alice, BATCH, 400);

    expect(await units.canTransfer(alice, bob, BATCH, 600)).toBe(true);
    expect(await units.canTransfer(alice, bob, BATCH, 601)).toBe(false);
    await units.connect(officer).setFrozenTokens(alice, BATCH, 5000);
    expect(await units.canTransfer(alice, bob, BATCH, 1)).toBe(false);
  });

  it("should refuse more than the balance, and a batch that the account does not hold", async () => {
    const { units, alice, bob } = await deployWithBatch(1000);

    expect(await units.canTransfer(alice, bob, BATCH, 1001)).toBe(false);
    expect(await units.canTransfer(alice, bob, OTHER_BATCH, 1)).toBe(false);
  });

  it("ERC-7943 should check that the sender can send and the receiver can receive", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice, bob, stranger } = ledger;

    expect(await units.canTransfer(alice, stranger, BATCH, 1)).toBe(false);
    await suspend(ledger, bob);
    expect(await units.canTransfer(alice, bob, BATCH, 1)).toBe(false);
    expect(await units.canTransfer(bob, alice, BATCH, 0)).toBe(false);
  });

  it("ERC-7943 should refuse while the batch, or all, is paused", async () => {
    const { units, alice, bob, guardian, officer } = await deployWithBatch(1000);

    await units.connect(guardian).pauseBatch(BATCH);
    expect(await units.canTransfer(alice, bob, BATCH, 1)).toBe(false);
    await units.connect(officer).unpauseBatch(BATCH);
    await units.connect(guardian).pause();
    expect(await units.canTransfer(alice, bob, BATCH, 1)).toBe(false);
    await units.connect(officer).unpause();
    expect(await units.canTransfer(alice, bob, BATCH, 1)).toBe(true);
  });

  it("ERC-7943 should agree with the transfer itself", async () => {
    const ledger = await deployWithBatch(1000);
    const { units, alice, bob, carol, officer } = ledger;
    await units.connect(officer).setFrozenTokens(alice, BATCH, 500);
    await suspend(ledger, carol);

    for (const [to, tonnes] of [
      [bob, 500n],
      [bob, 501n],
      [bob, 1001n],
      [carol, 1n],
    ] as const) {
      const moves = await units
        .connect(alice)
        .transfer.staticCall(alice, to, BATCH, tonnes, ANY)
        .then(
          () => true,
          () => false,
        );
      expect(await units.canTransfer(alice, to, BATCH, tonnes)).toBe(moves);
    }
  });
});
