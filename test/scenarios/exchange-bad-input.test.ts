import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { codeOfBatchId } from "../../src/chain/codes.js";
import { dealOf, hashDeal, signDeal, type DealJson, type OrderJson } from "../../src/chain/orders.js";
import { CAPABILITIES, INSTRUMENT_KIND } from "../support/ledger.js";
import { freshTerms, signedBody, type TestFirm } from "../support/service.js";
import { PRICE, START_CASH, startTrading, type TradingFirm, type TradingStage } from "../support/trading.js";

const WAIT = { prefer: "wait=20" };
const POLL = { timeout: 30_000, interval: 30 };
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SUNDAY = 0;

let stage: TradingStage;
/** How far the clock of the service is ahead, in seconds. */
let ahead = 0;
const clock = { now: (): number => Date.now() + ahead * 1_000 };

/** Unix time in seconds, by the clock of the service. */
const inSeconds = (seconds: number): string => String(Math.floor(clock.now() / 1_000) + seconds);

beforeAll(async () => {
  stage = await startTrading({ clock });
}, 120_000);
afterAll(() => stage.close());

async function define(change: object = {}): Promise<void> {
  const terms = { tick: "1000", bandBasisPoints: null, referencePrice: null, calendar: "always-open", ...change };
  const { status } = await stage.post(`/v1/instruments/${stage.batch}/definition`, terms, stage.operator);
  expect(status).toBe(200);
}

async function reported(differences: Partial<DealJson> = {}): Promise<{ id: string; confirm: () => Promise<Answer> }> {
  const { alice, bob, batch, exchangeDomain: domain, post } = stage;
  const deal: DealJson = {
    seller: alice.account,
    buyer: bob.account,
    batch,
    tonnes: "10",
    price: String(PRICE),
    maximumFeeBasisPoints: "0",
    expiresAt: inSeconds(HOUR),
    nonce: String(Math.floor(Math.random() * 2 ** 48)),
    ...differences,
  };
  const sign = (firm: TradingFirm) => signDeal(firm.wallet, dealOf(deal), domain);
  const { status } = await post("/v1/deals", { deal, signature: await sign(alice), reportedBy: "seller" });
  expect(status).toBe(201);
  const id = hashDeal(dealOf(deal), domain);
  return { id, confirm: async () => post(`/v1/deals/${id}/confirmation`, { signature: await sign(bob) }) };
}
type Answer = Awaited<ReturnType<TradingStage["post"]>>;

const reservations = async (firm: TestFirm) =>
  (await stage.get(`/v1/reservations?account=${firm.account}`, stage.auditor)).body.items;
const remove = (id: string, firm: TestFirm) => stage.send(`/v1/orders/${id}`, { method: "DELETE", headers: firm.key });

describe("a price outside the band of the day", () => {
  it("should be refused, below and above; its ends, and any price of a market without band, should be taken", async () => {
    await define({ bandBasisPoints: 1_000, referencePrice: "140000" });
    const { alice, bob, place } = stage;
    for (const limitPrice of ["125000", "155000"]) {
      const answer = await place(alice, { limitPrice });
      expect(answer).toMatchObject({ status: 422, body: { code: "price-outside-band" } });
      const bid = await place(bob, { side: "buy", limitPrice });
      expect(bid).toMatchObject({ status: 422, body: { code: "price-outside-band" } });
    }
    for (const [firm, side, limitPrice] of [
      [bob, "buy", "126000"],
      [alice, "sell", "154000"],
    ] as const) {
      const { status, body } = await place(firm, { side, limitPrice });
      expect(status).toBe(201);
      expect((await remove(body.id, firm)).status).toBe(200);
    }
    await define();
    const { status, body } = await place(alice, { limitPrice: "900000" });
    expect(status).toBe(201);
    await remove(body.id, alice);
  });
});

describe("a market that is closed", () => {
  it("should take no order, no selection and no deal, and let orders be cancelled", async () => {
    const { alice, bob, place } = stage;
    const standing = await place(alice, { limitPrice: "200000", expiresAt: inSeconds(30 * DAY) });
    const deal = await reported({ expiresAt: inSeconds(30 * DAY) });
    await define({ calendar: "vietnam" });
    const days = (7 + SUNDAY - new Date().getUTCDay()) % 7;
    // Ten in the morning, in Vietnam.
    ahead = days * DAY + (3 * HOUR - Math.floor((Date.now() / 1_000) % DAY));
    const expiresAt = inSeconds(DAY);
    const closed = { status: 409, body: { code: "market-closed" } };
    expect(await place(alice, { expiresAt })).toMatchObject(closed);
    expect(await place(alice, { expiresAt }, { mode: "put-through" })).toMatchObject(closed);
    expect(await deal.confirm()).toMatchObject(closed);
    expect(await place(bob, { side: "buy", limitPrice: "200000", expiresAt })).toMatchObject(closed);
    expect((await remove(standing.body.id, alice)).status).toBe(200);
    ahead = 0;
    await define();
    expect((await stage.send(`/v1/deals/${deal.id}`, { method: "DELETE", headers: alice.key })).status).toBe(200);
    expect(await reservations(alice)).toEqual([]);
  });
});

describe("a quantity that is no decimal text", () => {
  it.each([
    ["a JSON number", 100],
    ["a number that JSON cannot tell from its neighbour", 2 ** 53],
    ["a fraction", "1.5"],
    ["a negative", "-1"],
    ["an exponent", "1e3"],
    ["hex", "0x10"],
  ])("given %s, it should be refused rather than rounded", async (_what, tonnes) => {
    const { order, signature } = await stage.signed(stage.alice);
    const answer = await stage.post("/v1/orders", { order: { ...order, tonnes }, signature });
    expect(answer).toMatchObject({ status: 400, body: { code: "validation-failed" } });
    expect(answer.body.detail).toContain("/body/order/tonnes");
  });
});

describe("an order that is cancelled too late", () => {
  it("given that it was filled, replaced or cancelled before, it should be refused and say how it is", async () => {
    const { alice, bob, place, signed, post } = stage;
    const filled = await place(alice, { tonnes: "1" });
    expect((await place(bob, { side: "buy", tonnes: "1" })).body.status).toBe("filled");
    const old = await place(alice, { limitPrice: "200000" });
    const next = await post(`/v1/orders/${old.body.id}/replacement`, await signed(alice, { limitPrice: "201000" }));
    expect((await remove(next.body.id, alice)).status).toBe(200);
    for (const [{ id }, status] of [
      [filled.body, "filled"],
      [old.body, "cancelled"],
      [next.body, "cancelled"],
    ]) {
      const late = await remove(id, alice);
      expect(late).toMatchObject({ status: 409, body: { code: "order-not-open", evidence: { status } } });
      const body = await signed(alice, { limitPrice: "202000" });
      expect((await post(`/v1/orders/${id}/replacement`, body)).body.code).toBe("order-not-open");
    }
    await stage.settled(alice);
    expect(await reservations(alice)).toEqual([]);
  });
});

describe("a stream that is resumed from where it does not go", () => {
  it.each(["0", "1", "9007199254740991"])("given the number %s, it should say that it is too old", async (from) => {
    for (const [path, headers] of [
      [`/v1/instruments/${stage.batch}/stream`, {}],
      ["/v1/orders/stream", stage.alice.key],
    ] as const) {
      const byQuery = await stage.get(`${path}?from=${from}`, headers);
      const byHeader = await stage.get(path, { ...headers, "last-event-id": from });
      const codes = [byQuery, byHeader].map(({ status, body }) => [status, body.code]);
      expect(codes, path).toEqual([
        [410, "stream-too-old"],
        [410, "stream-too-old"],
      ]);
    }
  });
});

describe("a firm with a managed account", () => {
  let firm: TestFirm;

  beforeAll(async () => {
    firm = await stage.managedFirm();
    await stage.ledger.fundCash(firm.account, START_CASH);
    await stage.synced();
    const deposit = { to: stage.ledger.addresses.Exchange, amount: String(START_CASH) };
    expect((await stage.post("/v1/cash/transfers", deposit, { ...firm.key, ...WAIT })).body.status).toBe("final");
  });

  /** What of its money is promised, and to how many. */
  const promised = async () => {
    const items: { amount: string }[] = await reservations(firm);
    return [items.length, items.reduce((sum, { amount }) => sum + BigInt(amount), 0n)];
  };

  it("given an order with its nonce twice, it should be one order; with other words, refused", async () => {
    const { batch, post } = stage;
    const terms = { batch, side: "buy", tonnes: "5", limitPrice: "100000", maximumFeeBasisPoints: "0", nonce: "77" };
    const body = { ...terms, expiresAt: inSeconds(HOUR) };
    const answers = await Promise.all([post("/v1/orders", body, firm.key), post("/v1/orders", body, firm.key)]);
    answers.push(await post("/v1/orders", body, firm.key));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    expect(new Set(answers.map(({ body: order }) => order.id)).size).toBe(1);
    expect(await promised()).toEqual([1, 500_000n]);
    const other = await post("/v1/orders", { ...body, tonnes: "6" }, firm.key);
    expect(other).toMatchObject({ status: 409, body: { code: "order-nonce-used" } });

    expect((await remove(answers[0].body.id, firm)).status).toBe(200);
    const late = await post("/v1/orders", body, firm.key);
    expect(late).toMatchObject({ status: 200, body: { id: answers[0].body.id, status: "cancelled" } });
    expect(await promised()).toEqual([0, 0n]);
  });

  it("given a deal with its nonce twice, it should be one deal", async () => {
    const { alice, batch, post } = stage;
    const terms = { batch, tonnes: "5", price: String(PRICE), maximumFeeBasisPoints: "0", nonce: "78" };
    const body = { ...terms, side: "buyer", counterparty: alice.account, expiresAt: inSeconds(HOUR) };
    const answers = await Promise.all([post("/v1/deals", body, firm.key), post("/v1/deals", body, firm.key)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
    expect(answers[0].body.id).toBe(answers[1].body.id);
    expect(await promised()).toEqual([1, 5n * BigInt(PRICE)]);
    const { status } = await stage.send(`/v1/deals/${answers[0].body.id}`, { method: "DELETE", headers: firm.key });
    expect(status).toBe(200);
  });

  it("given a bid with its nonce twice, it should be one bid", async () => {
    const { alice, signed, post } = stage;
    const times = { opensAt: atIn(MINUTE), closesAt: atIn(10 * MINUTE) };
    const order = await signed(alice, { tonnes: "50", expiresAt: inSeconds(DAY) });
    const auction = await post("/v1/auctions", { ...order, ...times });
    expect(auction.status).toBe(201);
    ahead = 2 * MINUTE;
    const path = `/v1/auctions/${auction.body.id}/bids`;
    const body = { tonnes: "5", price: String(PRICE), maximumFeeBasisPoints: "0", nonce: "79" };
    const answers = await Promise.all([post(path, body, firm.key), post(path, body, firm.key)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
    expect(answers[0].body.id).toBe(answers[1].body.id);
    expect(await promised()).toEqual([1, 5n * BigInt(PRICE)]);
    const bids = (await stage.get(path, firm.key)).body.items;
    expect(bids).toHaveLength(1);
    const called = await stage.send(`/v1/auctions/${auction.body.id}`, { method: "DELETE", headers: stage.operator });
    expect(called.status).toBe(200);
    expect(await promised()).toEqual([0, 0n]);
    ahead = 0;
  });

  const atIn = (seconds: number): string => new Date(clock.now() + seconds * 1_000).toISOString();
});

describe("the same words of an order at the same time, with no signature for them", () => {
  it("should be the order of who signed them, and nothing for the other", async () => {
    const { alice, bob, signed, post } = stage;
    const order = await signed(alice, { limitPrice: "300000" });
    const forged = { ...order, signature: (await signed(bob, { ...order.order, account: bob.account })).signature };
    const answers = await Promise.all([post("/v1/orders", order), ...[1, 2, 3].map(() => post("/v1/orders", forged))]);
    const [own, ...others] = answers.map(({ status }) => status);
    expect(own).toBe(201);
    for (const status of others) expect([409, 422]).toContain(status);
    await remove(answers[0].body.id, alice);
  });
});

describe("clocks that differ", () => {
  const cleared = () => Promise.all([stage.settled(stage.alice), stage.settled(stage.bob)]);

  it("given a service ahead of the chain, it should refuse by its own clock, and settle what it takes", async () => {
    const { alice, bob, place } = stage;
    ahead = 2 * HOUR;
    const byChain = String(Math.floor(Date.now() / 1_000) + HOUR);
    const over = await place(alice, { expiresAt: byChain });
    expect(over).toMatchObject({ status: 422, body: { code: "order-expiry-invalid" } });
    const sale = await place(alice, { tonnes: "7", expiresAt: inSeconds(HOUR) });
    const bought = await place(bob, { side: "buy", tonnes: "7", expiresAt: inSeconds(HOUR) });
    expect([sale.status, bought.body.status]).toEqual([201, "filled"]);
    const [[trade]] = await cleared();
    expect(trade).toMatchObject({ tonnes: "7", status: "settled" });
    ahead = 0;
  });

  it("given a chain ahead of the service, an order over by then should fail there, and everything come back", async () => {
    const { alice, bob, place, ledger } = stage;
    const expiresAt = inSeconds(HOUR);
    const before = await ledger.exchange.cashPosition(alice.account);
    await ledger.increaseTime(2 * HOUR);
    await stage.synced();
    expect((await place(alice, { tonnes: "8", expiresAt })).status).toBe(201);
    expect((await place(bob, { side: "buy", tonnes: "8", expiresAt })).body.status).toBe("filled");
    const [[trade], [mirrored]] = await cleared();
    const refused = { tonnes: "8", status: "failed", problem: { code: "trade-refused" } };
    expect([trade, mirrored]).toMatchObject([refused, refused]);
    expect([await reservations(alice), await reservations(bob)]).toEqual([[], []]);
    expect((await ledger.exchange.cashPosition(alice.account)).amount).toBe(before.amount);
  });
});

describe("who may not trade", () => {
  it("given an allowance, a project owner without the right to allowances should be refused, on either side", async () => {
    const { ledger, alice, signed, post } = stage;
    const batchId = await ledger.issueBatch({ recipient: alice.account, tonnes: 1_000n });
    await ledger.listInstrument(batchId, INSTRUMENT_KIND.Allowance);
    const wallet = ledger.firms[5]!;
    const id = await ledger.admit(null, wallet.address, CAPABILITIES.TRADE_CREDITS + CAPABILITIES.DEVELOP_PROJECTS);
    await stage.synced();
    const batch = codeOfBatchId(batchId);
    const terms = { tick: "1000", bandBasisPoints: null, referencePrice: null, calendar: "always-open" };
    expect((await post(`/v1/instruments/${batch}/definition`, terms, stage.operator)).status).toBe(200);
    const owner = { ...alice, id, account: wallet.address, wallet };
    for (const side of ["buy", "sell"] as const)
      expect(await post("/v1/orders", await signed(owner, { batch, side }))).toMatchObject({
        status: 403,
        body: { code: "account-not-allowed" },
      });
    // Credits are its business: there, only the money is missing.
    expect(await post("/v1/orders", await signed(owner, { side: "buy" }))).toMatchObject({
      body: { code: "position-insufficient" },
    });
  });

  it("given a suspension, the firm should place, select and confirm nothing", async () => {
    const { ledger, alice, bob, place } = stage;
    const offer = await place(alice, { tonnes: "10" }, { mode: "put-through" });
    const deal = await reported();
    await ledger.participants.connect(ledger.parts.compliance1).suspend(bob.id, stage.id32("why"));
    await stage.synced();
    const buy: Partial<OrderJson> = { side: "buy", tonnes: "10" };
    const suspended = { status: 409, body: { code: "participant-suspended" } };
    expect(await place(bob, buy)).toMatchObject(suspended);
    expect(await place(bob, buy, { mode: "put-through", selects: offer.body.id })).toMatchObject(suspended);
    expect(await deal.confirm()).toMatchObject(suspended);
    await remove(offer.body.id, alice);
  });

  it("given a batch that is paused, or units that are frozen, they should neither be sold nor delivered", async () => {
    const { ledger, alice, carol, place } = stage;
    const standing = await place(alice, { limitPrice: "200000" });
    const units = ledger.units.connect(ledger.parts.compliance1);
    await units.setFrozenTokens(alice.account, stage.batchId, 40_000n);
    await stage.synced();
    const delivery = { to: ledger.addresses.Exchange, batch: stage.batch, tonnes: "1" };
    // The clock of the chain is hours ahead by now.
    const terms = { ...freshTerms(alice.account), deadline: inSeconds(DAY) };
    const json = { ...terms, ...delivery, blocks: [] };
    const { body } = await signedBody("transfer", json, alice.wallet, stage.domain);
    expect((await stage.post("/v1/transfers", body)).body.code).toBe("erc7943-insufficient-unfrozen-balance");

    await ledger.units.connect(ledger.parts.guardian).pauseBatch(stage.batchId);
    await stage.synced();
    const paused = { status: 409, body: { code: "units-batch-paused" } };
    expect(await place(carol, {})).toMatchObject(paused);
    expect(await place(carol, { side: "buy", limitPrice: "200000" })).toMatchObject(paused);
    expect(await place(carol, {}, { mode: "put-through" })).toMatchObject(paused);
    await expect.poll(async () => (await remove(standing.body.id, alice)).status, POLL).toBe(200);
  });
});
