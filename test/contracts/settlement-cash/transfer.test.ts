import { id, ZeroAddress } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployCash } from "../../support/cash.js";
import { eventsOf, expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, exchange, participants, parts, alice, bob, fresh, stranger } = ledger;
await ledger.fundCash(alice, 100n);
await ledger.checkpoint();
const aliceCash = cash.connect(alice);

describe("SettlementCash.transfer", () => {
  beforeEach(ledger.reset);

  it("should move money between active firms", async () => {
    expect(await aliceCash.transfer.staticCall(bob, 30)).toBe(true);
    await expectEvents(aliceCash.transfer(bob, 30), cash, "Transfer", [[alice.address, bob.address, 30]]);
    expect([await cash.balanceOf(alice), await cash.balanceOf(bob)]).toEqual([70n, 30n]);
  });

  it("should take an amount of zero, as ERC-20 asks, and one to oneself", async () => {
    await expectEvents(aliceCash.transfer(bob, 0), cash, "Transfer", [[alice.address, bob.address, 0]]);
    await aliceCash.transfer(alice, 100);
    expect(await cash.balanceOf(alice)).toBe(100n);
  });

  it("should refuse more than there is", async () => {
    const act = aliceCash.transfer(bob, 101);
    await expectRevert(act, cash, "ERC20InsufficientBalance", [alice.address, 100, 101]);
  });

  describe("given someone who may not act", () => {
    it("should refuse a receiver who is a stranger, suspended, or lapsed", async () => {
      await expectRevert(aliceCash.transfer(stranger, 1), cash, "CashAccountNotActive", [stranger.address]);
      await expectRevert(aliceCash.transfer(ZeroAddress, 1), cash, "CashAccountNotActive", [ZeroAddress]);
      await participants.update(2, 0, (await ledger.now()) + 100, id("document"));
      await ledger.increaseTime(200);
      await expectRevert(aliceCash.transfer(bob, 1), cash, "CashAccountNotActive", [bob.address]);
      await ledger.suspend(bob);
      await expectRevert(aliceCash.transfer(bob, 1), cash, "CashAccountNotActive", [bob.address]);
    });

    it("should refuse a sender who is suspended: the money stays where it is", async () => {
      await ledger.suspend(alice);
      await expectRevert(aliceCash.transfer(bob, 1), cash, "CashAccountNotActive", [alice.address]);
      await expectRevert(aliceCash.transfer(exchange, 1), cash, "CashAccountNotActive", [alice.address]);
      expect(await cash.balanceOf(alice)).toBe(100n);
    });

    it("should refuse a sender whose account was replaced", async () => {
      await ledger.replace(alice, fresh);
      await expectRevert(aliceCash.transfer(bob, 1), cash, "CashAccountNotActive", [alice.address]);
    });

    it("should refuse this contract, even where it was admitted by mistake", async () => {
      const address = await cash.getAddress();
      await expectRevert(aliceCash.transfer(cash, 1), cash, "CashAccountNotActive", [address]);
      await participants.addAccount(1, address);
      await expectRevert(aliceCash.transfer(cash, 1), cash, "CashAccountNotActive", [address]);
    });
  });

  describe("given the exchange as receiver", () => {
    it("should credit the sender's position", async () => {
      const sent = aliceCash.transfer(exchange, 60);
      expect((await eventsOf(sent, exchange)).map(({ name, args }) => [name, ...args])).toEqual([
        ["CashDeposited", alice.address, 60n],
      ]);
      expect((await exchange.cashPosition(alice)).amount).toBe(60n);
      expect(await cash.balanceOf(exchange)).toBe(60n);
      expect(await exchange.owedCash()).toBe(60n);
    });

    it("should hand money out again, to active firms only", async () => {
      await aliceCash.transfer(exchange, 60);
      await exchange.connect(alice).requestCashWithdrawal(alice, 50);
      await ledger.suspend(alice);
      const withdrawal = [{ account: alice.address, batchId: 0 }];
      await exchange.serveWithdrawals(withdrawal).catch(() => undefined);
      expect(await cash.balanceOf(alice)).toBe(40n);

      await ledger.officer.reinstate(1);
      await exchange.serveWithdrawals(withdrawal);
      expect(await cash.balanceOf(alice)).toBe(90n);
    });
  });

  it("should refuse while paused, to firms and to the exchange", async () => {
    await cash.connect(parts.guardian).pause();
    await expectRevert(aliceCash.transfer(bob, 1), cash, "CashIsPaused");
    await expectRevert(aliceCash.transfer(exchange, 1), cash, "CashIsPaused");
  });
});
