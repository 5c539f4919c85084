import { getBytes, hexlify, ZeroAddress } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { type Deal, exchangeDomain, type SignedDeal, signDeal } from "../../../src/chain/orders.js";
import { encodeSettleDeals } from "../../../src/chain/settlement-call.js";
import { watch } from "../../support/attacks.js";
import { deployExchange, expectRefusals, FAR, namesOf, PRICE } from "../../support/exchange.js";

const TERMS = { maximumFeeBasisPoints: 30n };

const stage = await deployExchange();
const { alice, bob, carol, batchId, unlisted: otherBatch, exchange, parts, signedDeal } = stage;
await stage.listInstrument(otherBatch);
await stage.depositUnits(alice, otherBatch, 1_000);
await stage.checkpoint();
const { expectHarmless } = watch(stage, [alice.address, bob.address, carol.address], [batchId, otherBatch]);

beforeEach(() => stage.reset());

const settleDeals = (...deals: SignedDeal[]) =>
  stage.emitted(
    parts.operator.sendTransaction({ to: exchange, data: encodeSettleDeals(deals), gasLimit: 16_000_000n }),
  );
const genuine = () => signedDeal(alice, bob, TERMS);
const signerOf = (account: string) => [alice, bob, carol].find(({ address }) => address === account)!;

/** What a sale of Alice's to Bob can be made to say instead. */
const ALTERED: readonly [string, Partial<Deal>][] = [
  ["seller", { seller: carol.address }],
  ["buyer", { buyer: carol.address }],
  ["direction", { seller: bob.address, buyer: alice.address }],
  ["batch", { batchId: otherBatch }],
  ["tonnes, up", { tonnes: 101n }],
  ["tonnes, down", { tonnes: 99n }],
  ["price, up", { price: PRICE + 1n }],
  ["price, down", { price: PRICE - 1n }],
  ["price, none", { price: 0n }],
  ["fee cap", { maximumFeeBasisPoints: 500n }],
  ["expiry, later", { expiresAt: FAR + 1n }],
  ["expiry, sooner", { expiresAt: FAR - 1n }],
  ["nonce", { nonce: 2n }],
];

describe("attacks on signed deals", () => {
  it.each(ALTERED)("should refuse another %s, even when one side signed it", async (_, altered) => {
    const { sellerSignature, buyerSignature } = await genuine();
    const deal = stage.dealOf(alice, bob, { ...TERMS, ...altered });
    const honest = {
      deal,
      sellerSignature: await signDeal(signerOf(deal.seller), deal, stage.orderDomain),
      buyerSignature: await signDeal(signerOf(deal.buyer), deal, stage.orderDomain),
    };

    const events = await expectHarmless(() =>
      settleDeals(
        { deal, sellerSignature, buyerSignature },
        { ...honest, sellerSignature },
        { ...honest, buyerSignature },
      ),
    );

    expectRefusals(
      events,
      ["signature-invalid", deal.seller],
      ["signature-invalid", deal.seller],
      ["signature-invalid", deal.buyer],
    );
    // Nothing but the signatures was in the way.
    expect(namesOf(await settleDeals(honest))).toEqual(["TradeSettled"]);
  });

  it("should refuse signatures that are exchanged, or one for both", async () => {
    const { deal, sellerSignature, buyerSignature } = await genuine();
    const forgeries = [
      { deal, sellerSignature: buyerSignature, buyerSignature: sellerSignature },
      { deal, sellerSignature, buyerSignature: sellerSignature },
      { deal, sellerSignature: buyerSignature, buyerSignature },
    ];

    const events = await expectHarmless(() => settleDeals(...forgeries));

    expect(events).toHaveLength(3);
  });

  it.each(["sellerSignature", "buyerSignature"] as const)(
    "should refuse a %s of which any byte differs",
    async (key) => {
      const signed = await genuine();
      const bytes = getBytes(signed[key]);
      const forgeries = [
        ...[...bytes.keys()].map((index) => bytes.map((byte, i) => (i === index ? byte ^ 0x55 : byte))),
        ...[0, 1, 32, 64].map((length) => bytes.slice(0, length)),
        getBytes(signed[key] + "00"),
      ];

      const events = await expectHarmless(() =>
        settleDeals(...forgeries.map((forged) => ({ ...signed, [key]: hexlify(forged) }))),
      );

      const account = key === "sellerSignature" ? alice.address : bob.address;
      expectRefusals(events, ...forgeries.map((): ["signature-invalid", string] => ["signature-invalid", account]));
    },
  );

  it("should refuse one for another chain or another exchange, and one signed as an order of the same numbers", async () => {
    const deal = stage.dealOf(alice, bob, TERMS);
    const own = stage.orderDomain;
    const signedFor = async (domain: typeof own): Promise<SignedDeal> => ({
      deal,
      sellerSignature: await signDeal(alice, deal, domain),
      buyerSignature: await signDeal(bob, deal, domain),
    });
    const forgeries = [
      await signedFor(exchangeDomain(stage.chainId + 1n, own.verifyingContract)),
      await signedFor(exchangeDomain(stage.chainId, stage.cash.target as string)),
      {
        deal,
        sellerSignature: (await stage.sell(alice, TERMS)).signature,
        buyerSignature: (await stage.buy(bob, TERMS)).signature,
      },
    ];

    const events = await expectHarmless(() => settleDeals(...forgeries));

    expect(events).toHaveLength(3);
  });

  it("should settle it once, however often it is sent", async () => {
    const signed = await genuine();
    expect(namesOf(await settleDeals(signed, signed))).toEqual(["TradeSettled", "TradeFailed"]);

    const events = await expectHarmless(() => settleDeals(signed, signed));
    expectRefusals(events, ["already-settled", ZeroAddress], ["already-settled", ZeroAddress]);
  });

  it("should refuse one that either party has cancelled, and a cancellation when it has settled", async () => {
    for (const party of [alice, bob]) {
      await stage.reset();
      const signed = await genuine();
      await exchange.connect(party).cancelDeal(signed.deal);
      expectRefusals(await expectHarmless(() => settleDeals(signed)), ["cancelled", ZeroAddress]);
    }
    await stage.reset();
    const signed = await genuine();
    await stage.expectError(exchange.connect(carol).cancelDeal(signed.deal), "ExchangeCallerNotAllowed");
    await settleDeals(signed);
    await stage.expectError(exchange.connect(alice).cancelDeal(signed.deal), "ExchangeDealNotOpen");
  });
});
