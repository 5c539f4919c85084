import { ZeroHash } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployCash, LIMIT, REFERENCE } from "../../support/cash.js";
import { eventsOf, expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, bank2, parts, alice, bob, stranger } = ledger;
const AMOUNT = LIMIT + 1n;

describe("SettlementCash.proposeMint", () => {
  beforeEach(ledger.reset);

  it("should say what is proposed, and mint nothing", async () => {
    const events = await eventsOf(cash.proposeMint(alice, AMOUNT, REFERENCE), cash);

    expect(events.map(({ name, args }) => [name, ...args])).toEqual([
      ["MintProposed", alice.address, AMOUNT, REFERENCE, parts.bank1.address],
    ]);
    expect(await cash.totalSupply()).toBe(0n);
    expect(await cash.isReferenceUsed(REFERENCE)).toBe(true);
  });

  it("should refuse what one officer may mint alone", async () => {
    await expectRevert(cash.proposeMint(alice, LIMIT, REFERENCE), cash, "CashWithinLimit", [LIMIT, LIMIT]);
    await expectRevert(cash.proposeMint(alice, 0, REFERENCE), cash, "CashWithinLimit", [0, LIMIT]);
  });

  it("should refuse a reference that is missing, minted for, or proposed", async () => {
    await expectRevert(cash.proposeMint(alice, AMOUNT, ZeroHash), cash, "CashReferenceEmpty");
    await cash.proposeMint(alice, AMOUNT, REFERENCE);
    await expectRevert(bank2.proposeMint(bob, AMOUNT, REFERENCE), cash, "CashReferenceUsed", [REFERENCE]);
    const other = `0x${"11".repeat(32)}`;
    await cash.mint(alice, 1, other);
    await expectRevert(cash.proposeMint(alice, AMOUNT, other), cash, "CashReferenceUsed", [other]);
  });

  it("should refuse a receiver who may not act", async () => {
    await ledger.suspend(bob);
    for (const account of [stranger, bob]) {
      const act = cash.proposeMint(account, AMOUNT, REFERENCE);
      await expectRevert(act, cash, "CashAccountNotActive", [account.address]);
    }
  });

  it("should refuse more than the contract can count", async () => {
    const most = await cash.MAX_SUPPLY();
    await expectRevert(cash.proposeMint(alice, most + 1n, REFERENCE), cash, "CashSupplyExceeded", [0, most]);
    await cash.proposeMint(alice, most, REFERENCE);
  });

  it("should work while paused: nothing moves", async () => {
    await cash.connect(parts.guardian).pause();
    await cash.proposeMint(alice, AMOUNT, REFERENCE);
  });

  it("should refuse a caller who hides behind the access manager", async () => {
    const act = ledger.throughManager(parts.bank1, "proposeMint", [alice.address, AMOUNT, REFERENCE]);
    await expectRevert(act, cash, "CashCallerHidden", [ledger.addresses.LedgerAccess]);
  });

  it("should refuse a caller who is not the bank", async () => {
    const act = cash.connect(alice).proposeMint(alice, AMOUNT, REFERENCE);
    await expectRevert(act, cash, "AccessManagedUnauthorized", [alice.address]);
  });
});
