import { beforeEach, describe, expect, it } from "vitest";

import { deployCash, LIMIT, PAYMENT, REFERENCE } from "../../support/cash.js";
import { eventsOf, expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, bank2, parts, alice, bob } = ledger;
const AMOUNT = LIMIT + 1n;
await cash.proposeMint(alice, AMOUNT, REFERENCE);
await ledger.checkpoint();

describe("SettlementCash.approveMint", () => {
  beforeEach(ledger.reset);

  it("should mint what another officer proposed, once", async () => {
    const events = await eventsOf(bank2.approveMint(alice, AMOUNT, REFERENCE), cash);

    expect(events.map(({ name }) => name)).toEqual(["Transfer", "Minted"]);
    expect([...events[1]!.args]).toEqual([alice.address, AMOUNT, REFERENCE, parts.bank2.address]);
    expect(await cash.balanceOf(alice)).toBe(AMOUNT);
    await expectRevert(bank2.approveMint(alice, AMOUNT, REFERENCE), cash, "CashProposalUnknown", [REFERENCE]);
    await expectRevert(cash.proposeMint(alice, AMOUNT, REFERENCE), cash, "CashReferenceUsed", [REFERENCE]);
  });

  describe("given the two-person rule", () => {
    it("should refuse the officer who proposed", async () => {
      const act = cash.approveMint(alice, AMOUNT, REFERENCE);
      await expectRevert(act, cash, "CashSameOfficer", [parts.bank1.address]);
    });

    it("should refuse the officer who proposed also behind the access manager, and any other there", async () => {
      for (const officer of [parts.bank1, parts.bank2]) {
        const act = ledger.throughManager(officer, "approveMint", [alice.address, AMOUNT, REFERENCE]);
        await expectRevert(act, cash, "CashCallerHidden", [ledger.addresses.LedgerAccess]);
      }
    });

    it("should refuse a caller who is not the bank", async () => {
      const act = cash.connect(alice).approveMint(alice, AMOUNT, REFERENCE);
      await expectRevert(act, cash, "AccessManagedUnauthorized", [alice.address]);
    });
  });

  it("should refuse other words than were proposed, and say which they were", async () => {
    const evidence = [REFERENCE, alice.address, AMOUNT];
    await expectRevert(bank2.approveMint(bob, AMOUNT, REFERENCE), cash, "CashProposalMismatch", evidence);
    await expectRevert(bank2.approveMint(alice, AMOUNT + 1n, REFERENCE), cash, "CashProposalMismatch", evidence);
    const wrapped = bank2.approveMint(alice, AMOUNT + (1n << 96n), REFERENCE);
    await expectRevert(wrapped, cash, "CashProposalMismatch", evidence);
  });

  it("should refuse where nothing is proposed", async () => {
    await expectRevert(bank2.approveMint(alice, AMOUNT, PAYMENT), cash, "CashProposalUnknown", [PAYMENT]);
  });

  describe("given that something changed since the proposal", () => {
    it("should refuse a receiver who was suspended", async () => {
      await ledger.suspend(alice);
      const act = bank2.approveMint(alice, AMOUNT, REFERENCE);
      await expectRevert(act, cash, "CashAccountNotActive", [alice.address]);
    });

    it("should refuse when the supply has no room left", async () => {
      const most = await cash.MAX_SUPPLY();
      await cash.proposeMint(bob, most, PAYMENT);
      await bank2.approveMint(bob, most, PAYMENT);
      await expectRevert(bank2.approveMint(alice, AMOUNT, REFERENCE), cash, "CashSupplyExceeded", [most, most]);
    });

    it("should mint under a limit that was raised, or lowered", async () => {
      await cash.connect(parts.admin).setSingleApprovalLimit(AMOUNT);
      await bank2.approveMint(alice, AMOUNT, REFERENCE);
      expect(await cash.balanceOf(alice)).toBe(AMOUNT);
    });
  });

  it("should refuse while paused, and mint after", async () => {
    await cash.connect(parts.guardian).pause();
    await expectRevert(bank2.approveMint(alice, AMOUNT, REFERENCE), cash, "CashIsPaused");
    await ledger.compliance.unpause();
    await bank2.approveMint(alice, AMOUNT, REFERENCE);
  });
});
