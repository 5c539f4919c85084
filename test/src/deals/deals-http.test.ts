import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { dealOf, hashDeal, signDeal, type DealJson } from "../../../src/chain/orders.js";
import {
  PRICE,
  START_CASH,
  START_TONNES,
  startTrading,
  type TradingFirm,
  type TradingStage,
} from "../../support/trading.js";

const LONG = 120_000;
const HOUR = 3_600;

let stage: TradingStage;
let seller: TradingFirm;
let buyer: TradingFirm;
let nonce = 0;

beforeAll(async () => {
  stage = await startTrading();
  [seller, buyer] = [stage.alice, stage.bob];
}, LONG);
afterAll(() => stage.close());

const dealWith = (differences: Partial<DealJson> = {}): DealJson => ({
  seller: seller.account,
  buyer: buyer.account,
  batch: stage.batch,
  tonnes: "400",
  price: String(PRICE),
  maximumFeeBasisPoints: "0",
  expiresAt: String(Math.floor(Date.now() / 1_000) + HOUR),
  nonce: String(++nonce),
  ...differences,
});
const sign = (firm: TradingFirm, deal: DealJson) => signDeal(firm.wallet, dealOf(deal), stage.exchangeDomain);
const idOf = (deal: DealJson): string => hashDeal(dealOf(deal), stage.exchangeDomain);

async function report(deal: DealJson, firm = seller) {
  const body = { deal, signature: await sign(firm, deal), reportedBy: firm === seller ? "seller" : "buyer" };
  return stage.post("/v1/deals", body);
}
async function confirm(deal: DealJson, firm = buyer) {
  return stage.post(`/v1/deals/${idOf(deal)}/confirmation`, { signature: await sign(firm, deal) });
}
async function reservations(firm: TradingFirm): Promise<unknown[]> {
  return (await stage.get(`/v1/reservations?account=${firm.account}`, firm.key)).body.items;
}
function ended(deal: DealJson) {
  return expect.poll(async () => (await stage.get(`/v1/deals/${idOf(deal)}`, buyer.key)).body.status, {
    timeout: 20_000,
    interval: 20,
  });
}

describe("POST /v1/deals", () => {
  it("should report, show to both, confirm and settle on the chain, units against cash", async () => {
    const deal = dealWith();
    const reported = await report(deal);
    expect([reported.status, reported.body.status, reported.body.id]).toEqual([201, "reported", idOf(deal)]);
    expect(reported.headers.get("location")).toBe(`/v1/deals/${idOf(deal)}`);
    expect((await stage.get("/v1/deals?status=reported", buyer.key)).body.items[0].deal).toEqual(deal);
    expect(await reservations(seller)).toMatchObject([{ batch: stage.batch, amount: "400" }]);

    const confirmed = await confirm(deal);
    expect([confirmed.status, confirmed.body.status]).toEqual([201, "confirmed"]);
    await ended(deal).toBe("settled");

    const { body } = await stage.get(`/v1/deals/${idOf(deal)}`, seller.key);
    expect(body.txHash).toMatch(/^0x/);
    expect((await stage.get(body.links.settlement)).body.status).toBe("final");
    const { exchange } = stage.ledger;
    expect((await exchange.unitPosition(buyer.account, stage.batchId)).tonnes).toBe(START_TONNES + 400n);
    expect((await exchange.cashPosition(seller.account)).amount).toBe(START_CASH + 400n * BigInt(PRICE));
    expect([await reservations(seller), await reservations(buyer)]).toEqual([[], []]);
    const [own] = await stage.settled(buyer);
    expect(own).toMatchObject({ mode: "deal", tonnes: "400" });
  });

  it("given the same report again, it should answer 200 with the same deal", async () => {
    const deal = dealWith();
    expect((await report(deal)).status).toBe(201);
    expect((await report(deal)).status).toBe(200);
    const other = await report(deal, buyer);
    expect([other.status, other.body.code]).toEqual([409, "deal-known"]);
  });

  it.each([
    [{ tonnes: "0" }, 422, "deal-quantity-invalid"],
    [{ tonnes: "9007199254740993" }, 422, "deal-quantity-invalid"],
    [{ price: String(PRICE + 1) }, 422, "price-off-tick"],
    [{ batch: "NOTHING" }, 422, "instrument-unknown"],
    [{ expiresAt: "1" }, 422, "deal-expired"],
    [{ tonnes: "20000" }, 409, "position-insufficient"],
  ])("given %j, it should answer %i %s", async (differences, status, code) => {
    const answer = await report(dealWith(differences));
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it("given the same participant on both sides, it should refuse", async () => {
    const answer = await report(dealWith({ buyer: seller.account }));
    expect(answer.body.code).toBe("deal-own-sides");
  });

  it("given a signature over other words, it should refuse", async () => {
    const deal = dealWith();
    const signature = await sign(seller, { ...deal, price: String(PRICE + 1_000) });
    const answer = await stage.post("/v1/deals", { deal, signature, reportedBy: "seller" });
    expect([answer.status, answer.body.code]).toEqual([422, "deal-signature-invalid"]);
  });

  it("given a market that is halted, it should refuse to report and to confirm", async () => {
    const deal = dealWith();
    await report(deal);
    const guardian = await stage.officerKey("guardian", "guardian");
    await stage.post(`/v1/instruments/${stage.batch}/halt`, { reason: "News" }, guardian);
    expect((await report(dealWith())).body.code).toBe("market-halted");
    expect((await confirm(deal)).body.code).toBe("market-halted");
    await stage.post(`/v1/instruments/${stage.batch}/resume`, { reason: "Known" }, guardian);
    expect((await confirm(deal)).status).toBe(201);
  });
});

describe("POST /v1/deals/{id}/confirmation", () => {
  it("given the wrong party, a stranger, nothing, or a second time, it should refuse", async () => {
    const deal = dealWith();
    expect((await confirm(deal)).status).toBe(404);
    await report(deal);
    const own = await confirm(deal, seller);
    expect([own.status, own.body.code]).toEqual([403, "deal-wrong-party"]);
    expect((await confirm(deal, stage.carol)).body.code).toBe("deal-signature-invalid");
    expect((await confirm(deal)).status).toBe(201);
    const again = await confirm(deal);
    expect([again.status, again.body.code]).toEqual([409, "deal-not-open"]);
  });

  it("given a key without a managed account, or no key, it should refuse", async () => {
    const deal = dealWith();
    await report(deal);
    const path = `/v1/deals/${idOf(deal)}/confirmation`;
    expect((await stage.post(path, {})).status).toBe(401);
    expect((await stage.post(path, {}, buyer.key)).body.code).toBe("signer-unavailable");
  });
});

describe("DELETE /v1/deals/{id}", () => {
  const drop = (deal: DealJson, key: Record<string, string>) =>
    stage.send(`/v1/deals/${idOf(deal)}`, { method: "DELETE", headers: key });

  it("should take it back or turn it down, once, and release", async () => {
    const before = await reservations(seller);
    const deal = dealWith({ tonnes: "7" });
    await report(deal);
    expect((await drop(deal, stage.carol.key)).status).toBe(404);
    const turnedDown = await drop(deal, buyer.key);
    expect([turnedDown.status, turnedDown.body.cancelledBy]).toEqual([200, "buyer"]);
    expect((await drop(deal, seller.key)).body.code).toBe("deal-not-open");
    expect((await confirm(deal)).body.code).toBe("deal-not-open");
    expect(await reservations(seller)).toEqual(before);
  });
});
