import { ZeroAddress, ZeroHash } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployCash, PAYOUT, REDEMPTION_STATUS } from "../../support/cash.js";
import { eventsOf, expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, parts, alice, bob } = ledger;
await ledger.fundCash(alice, 100n);
await ledger.checkpoint();
const aliceCash = cash.connect(alice);

describe("SettlementCash.requestRedemption", () => {
  beforeEach(ledger.reset);

  it("should set the money aside under a number, counted from one", async () => {
    expect(await aliceCash.requestRedemption.staticCall(alice, 60, PAYOUT)).toBe(1n);
    const events = await eventsOf(aliceCash.requestRedemption(alice, 60, PAYOUT), cash);

    expect(events.map(({ name }) => name)).toEqual(["Transfer", "RedemptionRequested"]);
    expect([...events[1]!.args]).toEqual([1n, alice.address, 60n, PAYOUT]);
    expect(await cash.balanceOf(alice)).toBe(40n);
    expect(await cash.balanceOf(cash)).toBe(60n);
    expect(await cash.totalSupply()).toBe(100n);
    const { account, amount, status, approver, payoutHash } = await cash.redemption(1);
    expect([account, amount, status]).toEqual([alice.address, 60n, BigInt(REDEMPTION_STATUS.Requested)]);
    expect([approver, payoutHash]).toEqual([ZeroAddress, PAYOUT]);

    await aliceCash.requestRedemption(alice, 40, PAYOUT);
    expect(await cash.redemptionCount()).toBe(2n);
  });

  it("should refuse nothing, nowhere, and more than there is", async () => {
    await expectRevert(aliceCash.requestRedemption(alice, 0, PAYOUT), cash, "CashAmountZero");
    await expectRevert(aliceCash.requestRedemption(alice, 1, ZeroHash), cash, "CashReferenceEmpty");
    const tooMuch = aliceCash.requestRedemption(alice, 101, PAYOUT);
    await expectRevert(tooMuch, cash, "ERC20InsufficientBalance", [alice.address, 100, 101]);
  });

  it("should refuse any caller but the account: also one that it allowed to spend, and the bank", async () => {
    await aliceCash.approve(bob, 100);
    for (const caller of [bob, parts.bank1]) {
      const act = cash.connect(caller).requestRedemption(alice, 1, PAYOUT);
      await expectRevert(act, cash, "CashCallerNotAllowed", [caller.address, alice.address]);
    }
  });

  it("should refuse a suspended firm", async () => {
    await ledger.suspend(alice);
    const act = aliceCash.requestRedemption(alice, 1, PAYOUT);
    await expectRevert(act, cash, "CashAccountNotActive", [alice.address]);
  });

  it("should refuse while paused", async () => {
    await cash.connect(parts.guardian).pause();
    await expectRevert(aliceCash.requestRedemption(alice, 1, PAYOUT), cash, "CashIsPaused");
  });
});
