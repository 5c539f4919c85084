import { beforeEach, describe, expect, it } from "vitest";

import { intentDomain, signIntent, type IntentByKind } from "../../../src/chain/intents.js";
import { deployCash, PAYOUT } from "../../support/cash.js";
import { expectRevert } from "../../support/reverts.js";

const ledger = await deployCash();
const { cash, exchange, intents, parts, alice, bob } = ledger;
await ledger.fundCash(alice, 100n);
await ledger.checkpoint();
const domain = intentDomain(ledger.chainId, ledger.addresses.Intents);
const common = { account: alice.address, nonce: 7n, deadline: 1n << 40n };

async function transfer(changes: Partial<IntentByKind["cash-transfer"]>) {
  const intent = { ...common, to: bob.address, amount: 30n, ...changes };
  return intents.executeCashTransfer(intent, await signIntent(alice, "cash-transfer", intent, domain));
}

describe("SettlementCash behind Intents", () => {
  beforeEach(ledger.reset);

  describe("given a transfer that the holder signed", () => {
    it("should move the money", async () => {
      await transfer({});
      expect(await cash.balanceOf(bob)).toBe(30n);
    });

    it("should credit the holder, not the relayer, when it goes to the exchange", async () => {
      await transfer({ to: ledger.addresses.Exchange });
      expect((await exchange.cashPosition(alice)).amount).toBe(30n);
    });

    it("should refuse nothing, more than there is, and a suspended receiver", async () => {
      await expectRevert(transfer({ amount: 0n }), cash, "CashAmountZero");
      const tooMuch = transfer({ amount: 101n });
      await expectRevert(tooMuch, cash, "ERC20InsufficientBalance", [alice.address, 100, 101]);
      await ledger.suspend(bob);
      await expectRevert(transfer({}), cash, "CashAccountNotActive", [bob.address]);
      expect(await intents.isNonceUsed(alice, common.nonce)).toBe(false);
    });

    it("should refuse a suspended holder, and while paused", async () => {
      await cash.connect(parts.guardian).pause();
      await expectRevert(transfer({}), cash, "CashIsPaused");
      await ledger.compliance.unpause();
      await ledger.suspend(alice);
      await expectRevert(transfer({}), cash, "CashAccountNotActive", [alice.address]);
    });
  });

  it("should set aside a redemption that the holder signed", async () => {
    const intent = { ...common, amount: 60n, payoutHash: PAYOUT };
    const signature = await signIntent(alice, "redemption", intent, domain);
    expect(await intents.executeRedemption.staticCall(intent, signature)).toBe(1n);
    await intents.executeRedemption(intent, signature);

    const { account, amount, payoutHash } = await cash.redemption(1);
    expect([account, amount, payoutHash]).toEqual([alice.address, 60n, PAYOUT]);
  });
});
