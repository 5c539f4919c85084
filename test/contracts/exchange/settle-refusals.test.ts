import { hexlify, randomBytes, ZeroAddress } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { exchangeDomain, signOrder } from "../../../src/chain/orders.js";
import {
  deployExchange,
  expectRefusals,
  namesOf,
  PRICE,
  SELL,
  START_CASH,
  START_TONNES,
} from "../../support/exchange.js";

const stage = await deployExchange();
const { alice, bob, carol, stranger, batchId, exchange, parts } = stage;
const { buy, sell, sign, orderOf, matchOf, settle } = stage;

beforeEach(() => stage.reset());

describe("settle, refusing a trade", () => {
  describe("given terms that do not allow the trade", () => {
    it("should refuse a price above the buyer's limit", async () => {
      const events = await settle(matchOf(await buy(bob), await sell(alice), 100n, PRICE + 1n));
      expectRefusals(events, ["price-outside-limit", bob.address]);
    });

    it("should refuse a price below the seller's limit", async () => {
      const events = await settle(matchOf(await buy(bob), await sell(alice), 100n, PRICE - 1n));
      expectRefusals(events, ["price-outside-limit", alice.address]);
    });

    it("should refuse more than the taker wants", async () => {
      const events = await settle(matchOf(await buy(bob, { tonnes: 99n }), await sell(alice)));
      expectRefusals(events, ["overfilled", bob.address]);
    });

    it("should refuse no tonnes", async () => {
      expectRefusals(await settle(matchOf(await buy(bob), await sell(alice), 0n)), ["tonnes-zero", ZeroAddress]);
    });

    it("should refuse a trade with oneself", async () => {
      expectRefusals(await settle(matchOf(await buy(alice), await sell(alice))), ["self-trade", alice.address]);
    });

    it("should settle in the last second of an order, and not after", async () => {
      const expiresAt = BigInt((await stage.now()) + 100);
      const order = await sell(alice, { expiresAt });

      await stage.setNextTime(Number(expiresAt));
      expect(namesOf(await settle(matchOf(await buy(bob), order, 10n)))).toEqual(["TradeSettled"]);
      expectRefusals(await settle(matchOf(await buy(bob), order, 10n)), ["expired", alice.address]);
    });

    it("should refuse what the account has cancelled", async () => {
      await exchange.connect(alice).cancelOrder(alice, batchId, 1);
      expectRefusals(await settle(matchOf(await buy(bob), await sell(alice))), ["nonce-closed", alice.address]);

      await exchange.connect(bob).cancelOrdersBefore(bob, 2);
      const events = await settle(matchOf(await buy(bob), await sell(alice, { nonce: 2n })));
      expectRefusals(events, ["cancelled", bob.address]);
    });

    it("should refuse a fill below the minimum of a maker that nothing was filled of", async () => {
      const maker = await sell(alice, { minimumTonnes: 40n });

      expectRefusals(await settle(matchOf(await buy(bob), maker, 39n)), ["below-minimum", alice.address]);
      expect(namesOf(await settle(matchOf(await buy(bob), maker, 40n)))).toEqual(["TradeSettled"]);
      expect(namesOf(await settle(matchOf(await buy(bob, { nonce: 2n }), maker, 1n)))).toEqual(["TradeSettled"]);
    });

    it("should refuse a single fill below the taker's minimum", async () => {
      const taker = await buy(bob, { minimumTonnes: 100n });
      expectRefusals(await settle(matchOf(taker, await sell(alice), 99n)), ["below-minimum", bob.address]);
    });
  });

  describe("given a position that is too small", () => {
    it("should refuse to sell more than the seller has", async () => {
      const terms = { tonnes: START_TONNES + 1n, limitPrice: 1n };
      const events = await settle(matchOf(await buy(bob, terms), await sell(alice, terms)));
      expectRefusals(events, ["units-insufficient", alice.address]);
    });

    it("should refuse to spend more than the buyer has", async () => {
      const terms = { tonnes: 1n, limitPrice: START_CASH + 1n };
      const events = await settle(matchOf(await buy(bob, terms), await sell(alice, terms)));
      expectRefusals(events, ["cash-insufficient", bob.address]);
    });

    it("should refuse the largest numbers that an order can have", async () => {
      const terms = { tonnes: 2n ** 64n - 1n, limitPrice: 2n ** 128n - 1n };
      const events = await settle(matchOf(await buy(bob, terms), await sell(alice, terms), 1n));
      expectRefusals(events, ["cash-insufficient", bob.address]);
      const all = await settle(matchOf(await buy(bob, terms), await sell(alice, terms)));
      expectRefusals(all, ["units-insufficient", alice.address]);
    });

    it("should leave alone what is leaving", async () => {
      await exchange.connect(alice).requestWithdrawal(alice, batchId, START_TONNES - 99n);
      expectRefusals(await settle(matchOf(await buy(bob), await sell(alice))), ["units-insufficient", alice.address]);

      await exchange.connect(bob).requestCashWithdrawal(bob, START_CASH - PRICE + 1n);
      const events = await settle(matchOf(await buy(bob), await sell(alice), 1n));
      expectRefusals(events, ["cash-insufficient", bob.address]);
    });
  });

  describe("given a signature that is not the account's", () => {
    it.each([
      ["of somebody else", async () => (await sign(carol, orderOf(alice, SELL))).signature],
      ["over other terms", async () => (await sell(alice, { tonnes: 101n })).signature],
      ["over the other side", async () => (await buy(alice)).signature],
      ["over another batch", async () => (await sell(alice, { batchId: 1n })).signature],
      ["that is random", async () => Promise.resolve(hexlify(randomBytes(65)))],
      ["that is empty", async () => Promise.resolve("0x")],
      ["in the compact form", async () => (await sell(alice)).signature.slice(0, 130)],
    ])("should refuse one %s", async (_, forge) => {
      const maker = { order: orderOf(alice, SELL), signature: await forge() };
      expectRefusals(await settle(matchOf(await buy(bob), maker)), ["signature-invalid", alice.address]);
    });

    it("should refuse one for another exchange or another chain", async () => {
      const order = orderOf(alice, SELL);
      for (const domain of [
        exchangeDomain(stage.chainId + 1n, exchange.target as string),
        exchangeDomain(stage.chainId, stage.intents.target as string),
      ]) {
        const maker = { order, signature: await signOrder(alice, order, domain) };
        expectRefusals(await settle(matchOf(await buy(bob), maker)), ["signature-invalid", alice.address]);
      }
    });
  });

  describe("given an account that may not trade", () => {
    it("should refuse an account of no participant", async () => {
      const maker = await sell(stranger);
      expectRefusals(await settle(matchOf(await buy(bob), maker)), ["account-not-active", stranger.address]);
    });

    it("should refuse a suspended participant at once, although it has traded before, until it is reinstated", async () => {
      await settle(matchOf(await buy(bob), await sell(alice)));
      await stage.suspend(alice);
      const maker = await sell(alice, { nonce: 2n });
      const taker = await buy(carol);
      expectRefusals(await settle(matchOf(taker, maker)), ["account-not-active", alice.address]);

      const participantId = await stage.participants.participantOf(alice);
      await stage.participants.connect(parts.compliance1).reinstate(participantId);
      expect(namesOf(await settle(matchOf(taker, maker)))).toEqual(["TradeSettled"]);
    });

    it("should refuse an account when its participant's due diligence has lapsed, until it is renewed", async () => {
      const participantId = await stage.participants.participantOf(alice);
      const kyc = (await stage.now()) + 1_000;
      await stage.participants.update(participantId, 2, kyc, `0x${"11".repeat(32)}`);
      await settle(matchOf(await buy(bob), await sell(alice)));
      await stage.increaseTime(1_000);
      const [taker, maker] = [await buy(carol), await sell(alice, { nonce: 2n })];
      expectRefusals(await settle(matchOf(taker, maker)), ["account-not-active", alice.address]);

      await stage.participants.update(participantId, 2, kyc + 100_000, `0x${"11".repeat(32)}`);
      expect(namesOf(await settle(matchOf(taker, maker)))).toEqual(["TradeSettled"]);
    });

    it("should refuse an account that was replaced, although it signed before", async () => {
      const maker = await sell(alice);
      await settle(matchOf(await buy(bob), maker, 10n));
      await stage.replace(alice, stranger);
      expectRefusals(await settle(matchOf(await buy(bob, { nonce: 2n }), maker, 10n)), [
        "account-not-active",
        alice.address,
      ]);
    });

    it("should refuse a participant without the capability, also one that had it before", async () => {
      await settle(matchOf(await buy(bob), await sell(alice)));
      const participantId = await stage.participants.participantOf(alice);
      const kyc = (await stage.now()) + 1_000_000;
      await stage.participants.update(participantId, 4, kyc, `0x${"11".repeat(32)}`);

      const events = await settle(matchOf(await buy(carol), await sell(alice, { nonce: 2n })));
      expectRefusals(events, ["account-not-allowed", alice.address]);
    });

    it("should ask for another capability where the instrument is an allowance", async () => {
      await stage.listInstrument(stage.unlisted, 2);
      const terms = { batchId: stage.unlisted };
      const events = await settle(matchOf(await buy(bob, terms), await sell(alice, terms)));
      expectRefusals(events, ["account-not-allowed", bob.address]);
    });
  });

  describe("given an instrument that cannot be traded", () => {
    it("should refuse a batch that is not listed", async () => {
      const terms = { batchId: stage.unlisted };
      const events = await settle(matchOf(await buy(bob, terms), await sell(alice, terms)));
      expectRefusals(events, ["instrument-unknown", ZeroAddress]);
    });

    it("should refuse batch zero, which is cash", async () => {
      const terms = { batchId: 0n };
      const events = await settle(matchOf(await buy(bob, terms), await sell(alice, terms)));
      expectRefusals(events, ["instrument-unknown", ZeroAddress]);
    });

    it("should refuse a batch that is paused, until it is not", async () => {
      await stage.units.connect(parts.guardian).pauseBatch(batchId);
      const match = matchOf(await buy(bob), await sell(alice));
      expectRefusals(await settle(match), ["instrument-paused", ZeroAddress]);

      await stage.units.connect(parts.compliance1).unpauseBatch(batchId);
      expect(namesOf(await settle(match))).toEqual(["TradeSettled"]);
    });

    it("should refuse every batch while all units are paused", async () => {
      await stage.units.connect(parts.guardian).pause();
      expectRefusals(await settle(matchOf(await buy(bob), await sell(alice))), ["instrument-paused", ZeroAddress]);
    });
  });
});
