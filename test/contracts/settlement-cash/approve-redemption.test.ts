import { beforeEach, describe, expect, it } from "vitest";

import { deployCash, LIMIT, PAYMENT, REDEMPTION_STATUS } from "../../support/cash.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, bank2, parts, alice } = ledger;
await ledger.fundCash(alice, 3n * LIMIT);
await ledger.redeem(LIMIT + 1n);
await ledger.redeem(LIMIT);
await ledger.checkpoint();

describe("SettlementCash.approveRedemption", () => {
  beforeEach(ledger.reset);

  it("should be kept with the redemption, and move nothing", async () => {
    await expectEvents(cash.approveRedemption(1), cash, "RedemptionApproved", [[1, parts.bank1.address]]);

    const { approver, status } = await cash.redemption(1);
    expect([approver, status]).toEqual([parts.bank1.address, BigInt(REDEMPTION_STATUS.Requested)]);
    expect(await cash.balanceOf(cash)).toBe(2n * LIMIT + 1n);
  });

  it("should let another officer take the place of the first, who then may pay", async () => {
    await cash.approveRedemption(1);
    await bank2.approveRedemption(1);
    await expectRevert(bank2.payRedemption(1, PAYMENT), cash, "CashSameOfficer", [parts.bank2.address]);
    await cash.payRedemption(1, PAYMENT);
  });

  it("should refuse what needs no second officer", async () => {
    await expectRevert(cash.approveRedemption(2), cash, "CashWithinLimit", [LIMIT, LIMIT]);
  });

  it("should refuse what is unknown, paid or refused", async () => {
    await expectRevert(cash.approveRedemption(3), cash, "CashRedemptionNotOpen", [3, REDEMPTION_STATUS.None]);
    await cash.approveRedemption(1);
    await bank2.payRedemption(1, PAYMENT);
    await expectRevert(cash.approveRedemption(1), cash, "CashRedemptionNotOpen", [1, REDEMPTION_STATUS.Paid]);
    await cash.refuseRedemption(2, PAYMENT);
    await expectRevert(cash.approveRedemption(2), cash, "CashRedemptionNotOpen", [2, REDEMPTION_STATUS.Refused]);
  });

  it("should refuse a caller who hides behind the access manager, or is not the bank", async () => {
    const hidden = ledger.throughManager(parts.bank1, "approveRedemption", [1]);
    await expectRevert(hidden, cash, "CashCallerHidden", [ledger.addresses.LedgerAccess]);
    const act = cash.connect(alice).approveRedemption(1);
    await expectRevert(act, cash, "AccessManagedUnauthorized", [alice.address]);
  });

  it("should work while paused: nothing moves", async () => {
    await cash.connect(parts.guardian).pause();
    await cash.approveRedemption(1);
  });
});
