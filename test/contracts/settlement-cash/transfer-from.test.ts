import { beforeEach, describe, expect, it } from "vitest";

import { deployCash } from "../../support/cash.js";
import { expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, exchange, parts, alice, bob, stranger } = ledger;
await ledger.fundCash(alice, 100n);
await cash.connect(alice).approve(bob, 50);
await cash.connect(alice).approve(stranger, 50);
await ledger.checkpoint();
const bobCash = cash.connect(bob);

describe("SettlementCash.transferFrom", () => {
  beforeEach(ledger.reset);

  it("should move what the holder allowed, and count it", async () => {
    expect(await bobCash.transferFrom.staticCall(alice, bob, 30)).toBe(true);
    await bobCash.transferFrom(alice, bob, 30);
    expect(await cash.balanceOf(bob)).toBe(30n);
    expect(await cash.allowance(alice, bob)).toBe(20n);
    const act = bobCash.transferFrom(alice, bob, 21);
    await expectRevert(act, cash, "ERC20InsufficientAllowance", [bob.address, 20, 21]);
  });

  it("should credit the holder when it goes to the exchange", async () => {
    await bobCash.transferFrom(alice, exchange, 30);
    expect((await exchange.cashPosition(alice)).amount).toBe(30n);
    expect((await exchange.cashPosition(bob)).amount).toBe(0n);
  });

  it("should refuse a spender who may not act, whatever was allowed", async () => {
    await ledger.suspend(bob);
    for (const spender of [bob, stranger]) {
      const act = cash.connect(spender).transferFrom(alice, alice, 1);
      await expectRevert(act, cash, "CashCallerNotAllowed", [spender.address, alice.address]);
    }
  });

  it("should refuse a holder who may not act", async () => {
    await ledger.suspend(alice);
    await expectRevert(bobCash.transferFrom(alice, bob, 1), cash, "CashAccountNotActive", [alice.address]);
  });

  it("should refuse while paused", async () => {
    await cash.connect(parts.guardian).pause();
    await expectRevert(bobCash.transferFrom(alice, bob, 1), cash, "CashIsPaused");
  });
});
