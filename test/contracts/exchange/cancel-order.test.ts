import { beforeEach, describe, expect, it } from "vitest";

import { deployExchange } from "../../support/exchange.js";

const stage = await deployExchange();
const { alice, bob, batchId, exchange, expectError } = stage;

beforeEach(() => stage.reset());

describe("cancelOrder", () => {
  it("should close the nonce, in this batch only", async () => {
    const events = await stage.emitted(exchange.connect(alice).cancelOrder(alice, batchId, 70));

    expect(events.map(({ name, args }) => [name, ...args])).toEqual([["OrderCancelled", alice.address, batchId, 70n]]);
    expect(await exchange.isNonceClosed(alice, batchId, 70)).toBe(true);
    expect(await exchange.isNonceClosed(alice, batchId, 71)).toBe(false);
    expect(await exchange.isNonceClosed(alice, stage.unlisted, 70)).toBe(false);
    expect(await exchange.isNonceClosed(bob, batchId, 70)).toBe(false);
  });

  it("should leave the position as it is", async () => {
    const before = await stage.positionOf(alice);

    await exchange.connect(alice).cancelOrder(alice, batchId, 2 ** 32 - 1);
    await exchange.connect(alice).cancelOrder(alice, batchId, 0);

    expect(await stage.positionOf(alice)).toEqual(before);
    expect(await exchange.isNonceClosed(alice, batchId, 2 ** 32 - 1)).toBe(true);
    expect(await exchange.isNonceClosed(alice, batchId, 0)).toBe(true);
  });

  it("should refuse what is closed already: filled, cancelled, or before the first valid nonce", async () => {
    await stage.settle(stage.matchOf(await stage.buy(bob), await stage.sell(alice)));
    await exchange.connect(bob).cancelOrder(bob, batchId, 5);
    await exchange.connect(bob).cancelOrdersBefore(bob, 4);

    for (const [firm, nonce] of [
      [alice, 1n],
      [bob, 5n],
      [bob, 3n],
    ] as const) {
      const attempt = exchange.connect(firm).cancelOrder(firm, batchId, nonce);
      await expectError(attempt, "ExchangeNonceUsed", [firm.address, batchId, nonce]);
    }
  });

  it("should be allowed to a suspended account", async () => {
    await stage.suspend(alice);

    await exchange.connect(alice).cancelOrder(alice, batchId, 1);

    expect(await exchange.isNonceClosed(alice, batchId, 1)).toBe(true);
  });

  it("should be the account's and the intents' alone", async () => {
    await expectError(exchange.connect(bob).cancelOrder(alice, batchId, 1), "ExchangeCallerNotAllowed", [
      bob.address,
      alice.address,
    ]);
    const intents = await stage.ethers.getImpersonatedSigner(stage.addresses.Intents);
    await exchange.connect(intents).cancelOrder.staticCall(alice, batchId, 1);
  });
});

describe("cancelOrdersBefore", () => {
  it("should close all lower nonces in every batch", async () => {
    const events = await stage.emitted(exchange.connect(alice).cancelOrdersBefore(alice, 1_000));

    expect(events.map(({ name, args }) => [name, ...args])).toEqual([["OrdersCancelledBefore", alice.address, 1_000n]]);
    expect(await exchange.firstValidNonce(alice)).toBe(1_000n);
    for (const batch of [batchId, stage.unlisted]) {
      expect(await exchange.isNonceClosed(alice, batch, 999)).toBe(true);
      expect(await exchange.isNonceClosed(alice, batch, 1_000)).toBe(false);
    }
  });

  it("should leave the position as it is", async () => {
    const before = await stage.positionOf(alice);

    await exchange.connect(alice).cancelOrdersBefore(alice, 2 ** 32 - 1);

    expect(await stage.positionOf(alice)).toEqual(before);
  });

  it("should only go ahead", async () => {
    await exchange.connect(alice).cancelOrdersBefore(alice, 7);

    for (const nonce of [7n, 6n, 0n]) {
      const attempt = exchange.connect(alice).cancelOrdersBefore(alice, nonce);
      await expectError(attempt, "ExchangeNonceNotAhead", [alice.address, nonce, 7n]);
    }
  });

  it("should be the account's and the intents' alone", async () => {
    await expectError(exchange.connect(bob).cancelOrdersBefore(alice, 1), "ExchangeCallerNotAllowed", [
      bob.address,
      alice.address,
    ]);
    const intents = await stage.ethers.getImpersonatedSigner(stage.addresses.Intents);
    await exchange.connect(intents).cancelOrdersBefore.staticCall(alice, 1);
  });
});
