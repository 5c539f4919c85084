import { ZeroAddress } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { hashDeal, type SignedDeal } from "../../../src/chain/orders.js";
import { encodeSettleDeals } from "../../../src/chain/settlement-call.js";
import { deployExchange, expectRefusals, namesOf, PRICE, START_CASH, START_TONNES } from "../../support/exchange.js";

const stage = await deployExchange();
const { alice, bob, carol, stranger, batchId, exchange, parts } = stage;
const { signedDeal, positionOf, expectError } = stage;

beforeEach(() => stage.reset());

const settleDeals = (...deals: SignedDeal[]) =>
  stage.emitted(parts.operator.sendTransaction({ to: exchange, data: encodeSettleDeals(deals) }));

describe("settleDeals", () => {
  it("should pass the tonnes to the buyer and the price to the seller", async () => {
    const signed = await signedDeal(alice, bob);
    const hash = hashDeal(signed.deal, stage.orderDomain);

    const events = await settleDeals(signed);

    expect(events.map(({ name, args }) => [name, ...args])).toEqual([
      ["TradeSettled", batchId, hash, hash, bob.address, alice.address, 100n, PRICE, 0n, 0n],
    ]);
    expect(await positionOf(bob)).toEqual([START_TONNES + 100n, START_CASH - 100n * PRICE]);
    expect(await positionOf(alice)).toEqual([START_TONNES - 100n, START_CASH + 100n * PRICE]);
    expect(await exchange.dealStatus(hash)).toBe(1n);
  });

  it("should settle a deal once", async () => {
    const signed = await signedDeal(alice, bob);

    const events = await settleDeals(signed, signed);

    expect(namesOf(events)).toEqual(["TradeSettled", "TradeFailed"]);
    expectRefusals(await settleDeals(signed), ["already-settled", ZeroAddress]);
    expect((await positionOf(bob))[0]).toBe(START_TONNES + 100n);
  });

  it("should settle equal terms again under another nonce", async () => {
    const events = await settleDeals(await signedDeal(alice, bob), await signedDeal(alice, bob, { nonce: 2n }));

    expect(namesOf(events)).toEqual(["TradeSettled", "TradeSettled"]);
  });

  it("should settle each by itself: what fails harms nothing else", async () => {
    const events = await settleDeals(
      await signedDeal(alice, bob, { tonnes: START_TONNES + 1n, price: 1n }),
      await signedDeal(carol, bob),
    );

    expect(namesOf(events)).toEqual(["TradeFailed", "TradeSettled"]);
  });

  it("should take the fee of both sides", async () => {
    await exchange.connect(parts.admin).setFeeAccount(carol);
    await exchange.connect(parts.admin).setFee(100, (await stage.now()) + 10);
    await stage.increaseTime(10);

    const events = await settleDeals(
      await signedDeal(alice, bob, { maximumFeeBasisPoints: 99n }),
      await signedDeal(alice, bob, { maximumFeeBasisPoints: 100n }),
    );

    expect(namesOf(events)).toEqual(["TradeFailed", "TradeSettled"]);
    expectRefusals(events.slice(0, 1), ["fee-above-cap", ZeroAddress]);
    expect((await exchange.cashPosition(carol)).amount).toBe(START_CASH + 2n * PRICE);
  });

  it("should refuse a deal that one of the parties cancelled", async () => {
    const signed = await signedDeal(alice, bob);
    await exchange.connect(bob).cancelDeal(signed.deal);

    expectRefusals(await settleDeals(signed), ["cancelled", ZeroAddress]);
  });

  it.each([
    ["the seller's", "sellerSignature", "buyerSignature", alice.address],
    ["the buyer's", "buyerSignature", "sellerSignature", bob.address],
  ] as const)("should refuse a deal without %s signature", async (_, missing, other, account) => {
    const signed = await signedDeal(alice, bob);

    const events = await settleDeals({ ...signed, [missing]: signed[other] });

    expectRefusals(events, ["signature-invalid", account]);
  });

  it.each([
    ["tonnes", 99n],
    ["price", PRICE - 1n],
    ["maximumFeeBasisPoints", 1n],
    ["nonce", 2n],
  ] as const)("should refuse a deal whose %s was changed", async (field, value) => {
    const signed = await signedDeal(alice, bob);

    const events = await settleDeals({ ...signed, deal: { ...signed.deal, [field]: value } });

    expectRefusals(events, ["signature-invalid", alice.address]);
  });

  it("should refuse a deal with oneself, about nothing, or too late", async () => {
    expectRefusals(await settleDeals(await signedDeal(alice, alice)), ["self-trade", alice.address]);
    expectRefusals(await settleDeals(await signedDeal(alice, bob, { tonnes: 0n })), ["tonnes-zero", ZeroAddress]);
    expectRefusals(await settleDeals(await signedDeal(alice, bob, { expiresAt: 1n })), ["expired", ZeroAddress]);
  });

  it("should refuse more cash than the buyer has", async () => {
    const events = await settleDeals(await signedDeal(alice, bob, { price: START_CASH }));

    expectRefusals(events, ["cash-insufficient", bob.address]);
  });

  it("should refuse an account that may not act, on either side", async () => {
    expectRefusals(await settleDeals(await signedDeal(stranger, bob)), ["account-not-active", stranger.address]);
    await stage.suspend(bob);
    expectRefusals(await settleDeals(await signedDeal(alice, bob)), ["account-not-active", bob.address]);
  });

  it("should refuse a batch that is not listed, or paused", async () => {
    const unlisted = await signedDeal(alice, bob, { batchId: stage.unlisted });
    expectRefusals(await settleDeals(unlisted), ["instrument-unknown", ZeroAddress]);
    await stage.units.connect(parts.guardian).pauseBatch(batchId);
    expectRefusals(await settleDeals(await signedDeal(alice, bob)), ["instrument-paused", ZeroAddress]);
  });

  it("should refuse no deals, and more than the limit", async () => {
    await expectError(settleDeals(), "ExchangeEmpty", []);
    const signed = await signedDeal(alice, bob);
    const many = Array.from({ length: 301 }, () => signed);
    await expectError(settleDeals(...many), "ExchangeTooMany", [301n, 300n]);
  });

  it("should be the operator's alone", async () => {
    await expectError(exchange.connect(alice).settleDeals([]), "AccessManagedUnauthorized", [alice.address]);
  });
});

describe("cancelDeal", () => {
  it.each([
    ["seller", alice],
    ["buyer", bob],
  ])("should let the %s make a deal void", async (_, party) => {
    const deal = stage.dealOf(alice, bob);
    const hash = hashDeal(deal, stage.orderDomain);

    const events = await stage.emitted(exchange.connect(party).cancelDeal(deal));

    expect(events.map(({ name, args }) => [name, ...args])).toEqual([["DealCancelled", hash, party.address]]);
    expect(await exchange.dealStatus(hash)).toBe(2n);
  });

  it("should refuse a deal that settled or was cancelled", async () => {
    const signed = await signedDeal(alice, bob);
    await settleDeals(signed);
    const hash = hashDeal(signed.deal, stage.orderDomain);
    await expectError(exchange.connect(alice).cancelDeal(signed.deal), "ExchangeDealNotOpen", [hash, 1n]);

    const other = stage.dealOf(alice, bob, { nonce: 2n });
    await exchange.connect(alice).cancelDeal(other);
    await expectError(exchange.connect(bob).cancelDeal(other), "ExchangeDealNotOpen", [
      hashDeal(other, stage.orderDomain),
      2n,
    ]);
  });

  it("should be the parties' alone", async () => {
    await expectError(exchange.connect(carol).cancelDeal(stage.dealOf(alice, bob)), "ExchangeCallerNotAllowed", [
      carol.address,
      alice.address,
    ]);
  });
});
