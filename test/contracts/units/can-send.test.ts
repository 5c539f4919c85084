import { describe, expect, it } from "vitest";

import { deployUnits, ethers, suspend } from "../../support/units.js";

describe("canSend", () => {
  it("ERC-7943 should allow active participants' accounts, and refuse all others without reverting", async () => {
    const ledger = await deployUnits();
    const { units, alice, bob, stranger } = ledger;
    await suspend(ledger, bob);

    expect(await units.canSend(alice)).toBe(true);
    for (const account of [bob.address, stranger.address, ethers.ZeroAddress, await units.getAddress()]) {
      expect(await units.canSend(account)).toBe(false);
    }
  });

  it("ERC-7943 should not look at amounts: an account with nothing, and one with all frozen", async () => {
    const { units, alice, officer } = await deployUnits();

    await units.connect(officer).setFrozenTokens(alice, 1, ethers.MaxUint256);

    expect(await units.canSend(alice)).toBe(true);
  });
});
