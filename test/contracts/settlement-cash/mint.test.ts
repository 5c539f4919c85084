import { id, ZeroHash } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployCash, LIMIT, PAYMENT, REFERENCE } from "../../support/cash.js";
import { eventsOf, expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, bank2, parts, alice, bob, fresh, stranger, exchange, participants } = ledger;

describe("SettlementCash.mint", () => {
  beforeEach(ledger.reset);

  it("should mint up to the limit, and say for which deposit and by whom", async () => {
    const events = await eventsOf(cash.mint(alice, LIMIT, REFERENCE), cash);

    expect(events.map(({ name }) => name)).toEqual(["Transfer", "Minted"]);
    expect([...events[1]!.args]).toEqual([alice.address, LIMIT, REFERENCE, parts.bank1.address]);
    expect(await cash.balanceOf(alice)).toBe(LIMIT);
    expect(await cash.totalSupply()).toBe(LIMIT);
    expect(await cash.isReferenceUsed(REFERENCE)).toBe(true);
  });

  it("should refuse more than the limit", async () => {
    await expectRevert(cash.mint(alice, LIMIT + 1n, REFERENCE), cash, "CashAboveLimit", [LIMIT + 1n, LIMIT]);
  });

  it("should refuse nothing, and a deposit without a reference", async () => {
    await expectRevert(cash.mint(alice, 0, REFERENCE), cash, "CashAmountZero");
    await expectRevert(cash.mint(alice, 1, ZeroHash), cash, "CashReferenceEmpty");
  });

  describe("given a reference that was used", () => {
    it("should refuse the same deposit twice, whoever mints and to whom", async () => {
      await cash.mint(alice, 1, REFERENCE);
      await expectRevert(cash.mint(alice, 1, REFERENCE), cash, "CashReferenceUsed", [REFERENCE]);
      await expectRevert(bank2.mint(bob, 2, REFERENCE), cash, "CashReferenceUsed", [REFERENCE]);
    });

    it("should refuse the reference of a proposal that stands, and of one that was approved", async () => {
      await cash.proposeMint(alice, LIMIT + 1n, REFERENCE);
      await expectRevert(cash.mint(alice, 1, REFERENCE), cash, "CashReferenceUsed", [REFERENCE]);
      await bank2.approveMint(alice, LIMIT + 1n, REFERENCE);
      await expectRevert(cash.mint(alice, 1, REFERENCE), cash, "CashReferenceUsed", [REFERENCE]);
    });

    it("should refuse the reference of a payment", async () => {
      await cash.mint(alice, 5, REFERENCE);
      await cash.payRedemption(await ledger.redeem(5n), PAYMENT);
      await expectRevert(cash.mint(alice, 1, PAYMENT), cash, "CashReferenceUsed", [PAYMENT]);
    });
  });

  describe("given a receiver who may not act", () => {
    it("should refuse strangers and suspended firms", async () => {
      await ledger.suspend(bob);
      for (const account of [stranger, bob]) {
        await expectRevert(cash.mint(account, 1, REFERENCE), cash, "CashAccountNotActive", [account.address]);
      }
    });

    it("should refuse removed and replaced accounts, and a firm whose due diligence lapsed", async () => {
      await ledger.replace(bob, fresh);
      await expectRevert(cash.mint(bob, 1, REFERENCE), cash, "CashAccountNotActive", [bob.address]);
      await participants.removeAccount(2, fresh);
      await expectRevert(cash.mint(fresh, 1, REFERENCE), cash, "CashAccountNotActive", [fresh.address]);

      await participants.update(1, 0, (await ledger.now()) + 100, id("document"));
      await ledger.increaseTime(200);
      await expectRevert(cash.mint(alice, 1, REFERENCE), cash, "CashAccountNotActive", [alice.address]);
    });

    it("should refuse the exchange and this contract, even where they were admitted by mistake", async () => {
      for (const contract of [exchange, cash]) {
        const address = await contract.getAddress();
        await participants.addAccount(1, address);
        await expectRevert(cash.mint(address, 1, REFERENCE), cash, "CashAccountNotActive", [address]);
      }
    });
  });

  it("should refuse more than the contract can count", async () => {
    const most = await cash.MAX_SUPPLY();
    expect(most).toBe(2n ** 72n - 1n);
    await cash.connect(parts.admin).setSingleApprovalLimit(2n ** 256n - 1n);
    await cash.mint(alice, most - 1n, REFERENCE);

    const evidence = [most - 1n, most];
    await expectRevert(cash.mint(alice, 2, PAYMENT), cash, "CashSupplyExceeded", evidence);
    await expectRevert(cash.mint(alice, 2n ** 256n - 1n, PAYMENT), cash, "CashSupplyExceeded", evidence);
    await cash.mint(bob, 1, PAYMENT);
    expect(await cash.totalSupply()).toBe(most);
  });

  it("should refuse while paused", async () => {
    await cash.connect(parts.guardian).pause();
    await expectRevert(cash.mint(alice, 1, REFERENCE), cash, "CashIsPaused");
  });

  it("should refuse a caller who is not the bank", async () => {
    for (const account of [alice, parts.registrar1, parts.operator, parts.admin]) {
      const act = cash.connect(account).mint(alice, 1, REFERENCE);
      await expectRevert(act, cash, "AccessManagedUnauthorized", [account.address]);
    }
  });
});
