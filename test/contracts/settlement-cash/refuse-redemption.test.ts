import { id } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployCash, PAYMENT, REDEMPTION_STATUS } from "../../support/cash.js";
import { eventsOf, expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, compliance, parts, alice, fresh } = ledger;
await ledger.fundCash(alice, 100n);
const REDEMPTION = await ledger.redeem(60n);
await ledger.checkpoint();
const REASON = id("no such account");

describe("SettlementCash.refuseRedemption", () => {
  beforeEach(ledger.reset);

  it("should give the money back, once, and say why", async () => {
    const events = await eventsOf(cash.refuseRedemption(REDEMPTION, REASON), cash);

    expect(events.map(({ name }) => name)).toEqual(["Transfer", "RedemptionRefused"]);
    expect([...events[1]!.args]).toEqual([REDEMPTION, alice.address, 60n, REASON, parts.bank1.address]);
    expect(await cash.balanceOf(alice)).toBe(100n);
    expect(await cash.balanceOf(cash)).toBe(0n);
    const again = cash.refuseRedemption(REDEMPTION, REASON);
    await expectRevert(again, cash, "CashRedemptionNotOpen", [REDEMPTION, REDEMPTION_STATUS.Refused]);
  });

  it("should refuse what is unknown or paid", async () => {
    await expectRevert(cash.refuseRedemption(9, REASON), cash, "CashRedemptionNotOpen", [9, REDEMPTION_STATUS.None]);
    await cash.payRedemption(REDEMPTION, PAYMENT);
    const act = cash.refuseRedemption(REDEMPTION, REASON);
    await expectRevert(act, cash, "CashRedemptionNotOpen", [REDEMPTION, REDEMPTION_STATUS.Paid]);
  });

  it("should give back to a suspended firm, where it stays", async () => {
    await ledger.suspend(alice);
    await cash.refuseRedemption(REDEMPTION, REASON);
    expect(await cash.balanceOf(alice)).toBe(100n);
    const act = cash.connect(alice).transfer(parts.bank1, 1);
    await expectRevert(act, cash, "CashAccountNotActive", [alice.address]);
  });

  it("should give back to a lost account, from which it can be recovered again", async () => {
    await ledger.replace(alice, fresh);
    await compliance.recover(alice);
    await cash.refuseRedemption(REDEMPTION, REASON);
    await compliance.recover(alice);
    expect(await cash.balanceOf(fresh)).toBe(100n);
  });

  it("should refuse while paused", async () => {
    await cash.connect(parts.guardian).pause();
    await expectRevert(cash.refuseRedemption(REDEMPTION, REASON), cash, "CashIsPaused");
  });

  it("should refuse a caller who is not the bank", async () => {
    const act = cash.connect(alice).refuseRedemption(REDEMPTION, REASON);
    await expectRevert(act, cash, "AccessManagedUnauthorized", [alice.address]);
  });
});
