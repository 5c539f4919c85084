import { beforeEach, describe, expect, it } from "vitest";

import { hashOrder } from "../../../src/chain/orders.js";
import { packMatches } from "../../../src/chain/settlement-call.js";
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
const { alice, bob, carol, batchId, exchange, parts } = stage;
const { buy, sell, orderOf, matchOf, settle, positionOf, expectError } = stage;

beforeEach(() => stage.reset());

describe("settle", () => {
  describe("given two orders that cross", () => {
    it("should pass the tonnes to the buyer and their price to the seller", async () => {
      const [taker, maker] = [await buy(bob), await sell(alice)];

      const events = await settle(matchOf(taker, maker));

      const hashes = [hashOrder(taker.order, stage.orderDomain), hashOrder(maker.order, stage.orderDomain)];
      expect(events.map(({ name, args }) => [name, ...args])).toEqual([
        ["TradeSettled", batchId, ...hashes, bob.address, alice.address, 100n, PRICE, 0n, 0n],
      ]);
      expect(await positionOf(bob)).toEqual([START_TONNES + 100n, START_CASH - 100n * PRICE]);
      expect(await positionOf(alice)).toEqual([START_TONNES - 100n, START_CASH + 100n * PRICE]);
      expect(await exchange.owedCash()).toBe(3n * START_CASH);
      expect(await exchange.owedTonnes(batchId)).toBe(3n * START_TONNES);
    });

    it("should do the same when the seller came second", async () => {
      const events = await settle(matchOf(await sell(alice), await buy(bob)));

      expect(namesOf(events)).toEqual(["TradeSettled"]);
      expect(await positionOf(bob)).toEqual([START_TONNES + 100n, START_CASH - 100n * PRICE]);
      expect(await positionOf(alice)).toEqual([START_TONNES - 100n, START_CASH + 100n * PRICE]);
    });

    it("should settle at the price of the trade where that is better than both limits", async () => {
      const taker = await buy(bob, { limitPrice: PRICE + 5n });
      const maker = await sell(alice, { limitPrice: PRICE - 5n });

      await settle(matchOf(taker, maker, 10n, PRICE));

      expect(await positionOf(bob)).toEqual([START_TONNES + 10n, START_CASH - 10n * PRICE]);
    });

    it("should let a price be zero where the seller signed that", async () => {
      await settle(matchOf(await buy(bob), await sell(alice, { limitPrice: 0n }), 100n, 0n));

      expect(await positionOf(bob)).toEqual([START_TONNES + 100n, START_CASH]);
    });

    it("should let all be sold and all be spent, to the unit", async () => {
      const [tonnes, price] = [START_TONNES, START_CASH / START_TONNES];
      const terms = { tonnes, limitPrice: price };

      await settle(matchOf(await buy(bob, terms), await sell(alice, terms)));

      expect(await positionOf(bob)).toEqual([2n * START_TONNES, 0n]);
      expect(await positionOf(alice)).toEqual([0n, 2n * START_CASH]);
    });
  });

  describe("given many matches", () => {
    it("should settle each by itself: what fails harms nothing else", async () => {
      const events = await settle(
        matchOf(await buy(bob), await sell(alice)),
        matchOf(await buy(carol), await sell(alice, { nonce: 2n }), 101n),
        matchOf(await buy(carol), await sell(alice, { nonce: 2n })),
      );

      expect(namesOf(events)).toEqual(["TradeSettled", "TradeFailed", "TradeSettled"]);
      expect(await positionOf(alice)).toEqual([START_TONNES - 200n, START_CASH + 200n * PRICE]);
    });

    it("should let what was bought be sold again in the same transaction", async () => {
      const all = { tonnes: START_TONNES + 100n, limitPrice: 1n };
      const events = await settle(
        matchOf(await buy(bob), await sell(alice)),
        matchOf(await buy(carol, all), await sell(bob, { ...all, nonce: 2n })),
      );

      expect(namesOf(events)).toEqual(["TradeSettled", "TradeSettled"]);
      expect((await positionOf(bob))[0]).toBe(0n);
    });

    it("should settle trades of several batches", async () => {
      await stage.listInstrument(stage.unlisted);
      await stage.depositUnits(alice, stage.unlisted, 50);
      const other = { batchId: stage.unlisted, tonnes: 50n };

      const events = await settle(
        matchOf(await buy(bob), await sell(alice)),
        matchOf(await buy(bob, other), await sell(alice, other)),
        matchOf(await buy(carol), await sell(alice, { nonce: 2n })),
      );

      expect(events.map(({ named }) => named["batchId"] as bigint)).toEqual([batchId, stage.unlisted, batchId]);
      expect((await positionOf(bob, stage.unlisted))[0]).toBe(50n);
    });
  });

  describe("given one taker and several makers", () => {
    it("should fill them in order, at the price of each", async () => {
      const fills = [
        { maker: await sell(alice, { limitPrice: PRICE - 2n }), tonnes: 100n, price: PRICE - 2n },
        { maker: await sell(carol, { limitPrice: PRICE - 1n }), tonnes: 60n, price: PRICE - 1n },
      ];
      const taker = await buy(bob, { tonnes: 200n });

      const events = await settle({ taker, fills });

      expect(namesOf(events)).toEqual(["TradeSettled", "TradeSettled"]);
      const cost = 100n * (PRICE - 2n) + 60n * (PRICE - 1n);
      expect(await positionOf(bob)).toEqual([START_TONNES + 160n, START_CASH - cost]);
      expect(await exchange.filledTonnes(hashOrder(taker.order, stage.orderDomain))).toBe(160n);
    });

    it("should go on after a maker that fails", async () => {
      const fills = [
        { maker: await sell(alice, { expiresAt: 1n }), tonnes: 100n, price: PRICE },
        { maker: await sell(carol), tonnes: 100n, price: PRICE },
      ];

      const events = await settle({ taker: await buy(bob), fills });

      expect(namesOf(events)).toEqual(["TradeFailed", "TradeSettled"]);
      expect(await positionOf(bob)).toEqual([START_TONNES + 100n, START_CASH - 100n * PRICE]);
    });

    it("should let one account be several of the makers", async () => {
      const makers = [await sell(alice), await sell(alice, { nonce: 2n })];
      const fills = makers.map((maker) => ({ maker, tonnes: 100n, price: PRICE }));

      await settle({ taker: await buy(bob, { tonnes: 200n }), fills });

      expect(await positionOf(alice)).toEqual([START_TONNES - 200n, START_CASH + 200n * PRICE]);
    });

    it("should fail all of them when it is the taker that cannot settle", async () => {
      const makers = [await sell(alice), await sell(carol)];
      const fills = makers.map((maker) => ({ maker, tonnes: 50n, price: PRICE }));

      const events = await settle({ taker: await buy(bob, { expiresAt: 1n }), fills });

      expectRefusals(events, ["expired", bob.address], ["expired", bob.address]);
    });
  });

  describe("given an order that is filled bit by bit", () => {
    it("should know how much, until it is full and its nonce is closed", async () => {
      const maker = await sell(alice);
      const hash = hashOrder(maker.order, stage.orderDomain);

      await settle(matchOf(await buy(bob), maker, 30n));
      expect(await exchange.filledTonnes(hash)).toBe(30n);
      expect(await exchange.isNonceClosed(alice, batchId, 1)).toBe(false);

      await settle(matchOf(await buy(carol), maker, 70n));
      expect(await exchange.filledTonnes(hash)).toBe(0n);
      expect(await exchange.isNonceClosed(alice, batchId, 1)).toBe(true);
    });

    it("should never fill beyond its tonnes", async () => {
      const maker = await sell(alice);
      await settle(matchOf(await buy(bob), maker, 30n));

      const events = await settle(matchOf(await buy(carol), maker, 71n));

      expectRefusals(events, ["overfilled", alice.address]);
    });

    it("should not settle a full order again", async () => {
      const [taker, maker] = [await buy(bob, { tonnes: 200n }), await sell(alice)];
      await settle(matchOf(taker, maker));

      expectRefusals(await settle(matchOf(taker, maker)), ["nonce-closed", alice.address]);
    });

    it("should remember nonces of windows long past", async () => {
      const nonces = [1n, 2n, 64n, 65n, 700n, 4_294_967_295n];
      const makers = [];
      for (const nonce of nonces) makers.push(await sell(alice, { nonce, tonnes: nonce === 2n ? 100n : 10n }));
      for (const [i, maker] of makers.entries())
        await settle(matchOf(await buy(bob, { nonce: BigInt(i) }), maker, 10n, PRICE));

      for (const [i, maker] of makers.entries()) {
        const events = await settle(matchOf(await buy(carol, { nonce: BigInt(i) }), maker, 10n));
        if (maker.order.nonce === 2n) expect(namesOf(events)).toEqual(["TradeSettled"]);
        else expectRefusals(events, ["nonce-closed", alice.address]);
        expect(await exchange.isNonceClosed(alice, batchId, maker.order.nonce)).toBe(maker.order.nonce !== 2n);
      }
      expect(await exchange.filledTonnes(hashOrder(orderOf(alice, SELL, { nonce: 2n }), stage.orderDomain))).toBe(20n);
      expect(await exchange.isNonceClosed(alice, batchId, 3)).toBe(false);
    });

    it("should keep two orders with one nonce apart until one is full", async () => {
      const [first, second] = [await sell(alice), await sell(alice, { tonnes: 50n })];
      await settle(matchOf(await buy(bob), first, 60n));

      await settle(matchOf(await buy(carol), second, 50n));

      expect(await exchange.isNonceClosed(alice, batchId, 1)).toBe(true);
      expectRefusals(await settle(matchOf(await buy(bob, { nonce: 2n }), first, 40n)), ["nonce-closed", alice.address]);
    });
  });

  describe("given a call that is not one", () => {
    const send = (data: string) => exchange.connect(parts.operator).settle(data);

    it("should refuse no matches, and matches without a fill", async () => {
      await expectError(send("0x"), "ExchangeEmpty", []);
      await expectError(settle({ taker: await buy(bob), fills: [] }), "ExchangeEmpty", []);
    });

    it("should refuse matches that end too early or too late", async () => {
      const packed = packMatches([matchOf(await buy(bob), await sell(alice))]);
      await expectError(send(packed.slice(0, -2)), "ExchangeMalformed", []);
      await expectError(send(`${packed}00`), "ExchangeMalformed");
    });

    it("should refuse a side that is none", async () => {
      const packed = packMatches([matchOf(await buy(bob), await sell(alice))]);
      await expectError(send(`${packed.slice(0, 66)}02${packed.slice(68)}`), "ExchangeMalformed", []);
    });

    it("should refuse more trades than the limit", async () => {
      const maker = await sell(alice);
      const fills = Array.from({ length: 301 }, () => ({ maker, tonnes: 1n, price: PRICE }));
      await expectError(settle({ taker: await buy(bob), fills }), "ExchangeTooMany", [301n, 300n]);
    });

    it("should be the operator's alone", async () => {
      await expectError(exchange.connect(alice).settle("0x"), "AccessManagedUnauthorized", [alice.address]);
    });
  });
});
