import { id, ZeroHash } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployCash, LIMIT, PAYMENT, REDEMPTION_STATUS, REFERENCE } from "../../support/cash.js";
import { eventsOf, expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, bank2, parts, alice, bob, fresh } = ledger;
await cash.mint(alice, LIMIT, REFERENCE);
await ledger.fundCash(alice, 2n * LIMIT);
const SMALL = await ledger.redeem(LIMIT);
const LARGE = await ledger.redeem(LIMIT + 1n);
await ledger.checkpoint();

describe("SettlementCash.payRedemption", () => {
  beforeEach(ledger.reset);

  it("should burn what was set aside, once, and say by which payment", async () => {
    const events = await eventsOf(cash.payRedemption(SMALL, PAYMENT), cash);

    expect(events.map(({ name }) => name)).toEqual(["Transfer", "RedemptionPaid"]);
    expect([...events[1]!.args]).toEqual([SMALL, alice.address, LIMIT, PAYMENT, parts.bank1.address]);
    expect(await cash.totalSupply()).toBe(2n * LIMIT);
    expect(await cash.balanceOf(cash)).toBe(LIMIT + 1n);
    expect((await cash.redemption(SMALL)).status).toBe(BigInt(REDEMPTION_STATUS.Paid));
    const again = cash.payRedemption(SMALL, id("another payment"));
    await expectRevert(again, cash, "CashRedemptionNotOpen", [SMALL, REDEMPTION_STATUS.Paid]);
  });

  describe("given more than the limit", () => {
    it("should pay what another officer approved", async () => {
      await cash.approveRedemption(LARGE);
      await bank2.payRedemption(LARGE, PAYMENT);
      expect(await cash.totalSupply()).toBe(2n * LIMIT - 1n);
    });

    it("should refuse without approval, and the officer who approved", async () => {
      await expectRevert(cash.payRedemption(LARGE, PAYMENT), cash, "CashApprovalMissing", [LARGE]);
      await cash.approveRedemption(LARGE);
      await expectRevert(cash.payRedemption(LARGE, PAYMENT), cash, "CashSameOfficer", [parts.bank1.address]);
    });

    it("should refuse the officer who approved also behind the access manager", async () => {
      await cash.approveRedemption(LARGE);
      const act = ledger.throughManager(parts.bank1, "payRedemption", [LARGE, PAYMENT]);
      await expectRevert(act, cash, "CashCallerHidden", [ledger.addresses.LedgerAccess]);
    });
  });

  it("should follow the limit as it is: what it no longer covers needs two", async () => {
    await cash.connect(parts.admin).setSingleApprovalLimit(LIMIT - 1n);
    await expectRevert(cash.payRedemption(SMALL, PAYMENT), cash, "CashApprovalMissing", [SMALL]);
    await cash.approveRedemption(SMALL);
    await bank2.payRedemption(SMALL, PAYMENT);
  });

  it("should refuse a reference that is missing or was used, for a deposit or for a payment", async () => {
    await expectRevert(cash.payRedemption(SMALL, ZeroHash), cash, "CashReferenceEmpty");
    await expectRevert(cash.payRedemption(SMALL, REFERENCE), cash, "CashReferenceUsed", [REFERENCE]);
    await cash.payRedemption(SMALL, PAYMENT);
    const last = await ledger.redeem(1n);
    await expectRevert(cash.payRedemption(last, PAYMENT), cash, "CashReferenceUsed", [PAYMENT]);
    await cash.proposeMint(bob, LIMIT + 1n, id("proposed"));
    await expectRevert(cash.payRedemption(last, id("proposed")), cash, "CashReferenceUsed", [id("proposed")]);
  });

  it("should refuse what is unknown or was refused", async () => {
    await expectRevert(cash.payRedemption(0, PAYMENT), cash, "CashRedemptionNotOpen", [0, REDEMPTION_STATUS.None]);
    await cash.refuseRedemption(SMALL, id("reason"));
    const act = cash.payRedemption(SMALL, PAYMENT);
    await expectRevert(act, cash, "CashRedemptionNotOpen", [SMALL, REDEMPTION_STATUS.Refused]);
  });

  it("should record a payment to a firm that was suspended since, or whose account was replaced", async () => {
    await ledger.replace(alice, fresh);
    await ledger.suspend(fresh);
    await cash.payRedemption(SMALL, PAYMENT);
    expect(await cash.totalSupply()).toBe(2n * LIMIT);
  });

  it("should refuse while paused", async () => {
    await cash.connect(parts.guardian).pause();
    await expectRevert(cash.payRedemption(SMALL, PAYMENT), cash, "CashIsPaused");
  });

  it("should refuse a caller who is not the bank", async () => {
    const act = cash.connect(alice).payRedemption(SMALL, PAYMENT);
    await expectRevert(act, cash, "AccessManagedUnauthorized", [alice.address]);
  });
});
