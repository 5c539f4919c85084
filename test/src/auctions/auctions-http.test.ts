import { afterAll, beforeAll, expect, it } from "vitest";

import type { OrderJson } from "../../../src/chain/orders.js";
import { checkAuction } from "../../../src/client/auction-check.js";
import { describeEachDatabase } from "../../support/database.js";
import {
  PRICE,
  START_CASH,
  START_TONNES,
  startTrading,
  type TradingFirm,
  type TradingStage,
} from "../../support/trading.js";

const LONG = 120_000;
const POLL = { timeout: 20_000, interval: 20 };
const MINUTE = 60_000;

describeEachDatabase("auctions over HTTP", (open) => {
  let stage: TradingStage;
  let seller: TradingFirm;
  let ahead = 0;
  const clock = { now: (): number => Date.now() + ahead };

  beforeAll(async () => {
    stage = await startTrading({ database: await open(), clock });
    seller = stage.alice;
  }, LONG);
  afterAll(() => stage.close());

  /** Opens in a minute, closes in ten. */
  const times = () => ({
    opensAt: new Date(clock.now() + MINUTE).toISOString(),
    closesAt: new Date(clock.now() + 10 * MINUTE).toISOString(),
  });
  const expiresAt = () => String(Math.floor((clock.now() + 120 * MINUTE) / 1_000));

  async function announce(differences: Partial<OrderJson> = {}) {
    const order = await stage.signed(seller, { tonnes: "150", expiresAt: expiresAt(), ...differences });
    return stage.post("/v1/auctions", { ...order, ...times() });
  }
  async function opened(differences: Partial<OrderJson> = {}): Promise<string> {
    const { status, body } = await announce(differences);
    expect([status, body.status]).toEqual([201, "announced"]);
    ahead += 2 * MINUTE;
    return body.id;
  }
  async function bid(auction: string, firm: TradingFirm, differences: Partial<OrderJson> = {}) {
    const order = await stage.signed(firm, { side: "buy", expiresAt: expiresAt(), ...differences });
    return stage.post(`/v1/auctions/${auction}/bids`, order);
  }
  async function ended(auction: string) {
    ahead += 10 * MINUTE;
    const one = async () => (await stage.get(`/v1/auctions/${auction}`)).body;
    await expect.poll(async () => (await one()).closedAt, POLL).not.toBeNull();
    return one();
  }
  const reserved = async (firm: TradingFirm) =>
    (await stage.get(`/v1/reservations?account=${firm.account}`, firm.key)).body.items;

  it("should announce, take sealed bids, close by the clock, settle at one price and prove it", async () => {
    const { exchange } = stage.ledger;
    const id = await opened();
    const announced = (await stage.get(`/v1/auctions/${id}`)).body;
    expect(announced).toMatchObject({ status: "open", seed: null, reservePrice: String(PRICE), tonnes: "150" });
    const bobs = await bid(id, stage.bob, { limitPrice: String(PRICE + 4_000) });
    const carols = await bid(id, stage.carol, { limitPrice: String(PRICE + 2_000) });
    expect([bobs.status, bobs.body.status, carols.status]).toEqual([201, "sealed", 201]);
    expect(await reserved(stage.bob)).toMatchObject([{ batch: null, amount: String(100 * (PRICE + 4_000)) }]);

    const result = await ended(id);
    expect(result).toMatchObject({ status: "cleared", clearingPrice: String(PRICE + 2_000) });
    const [won] = await stage.settled(stage.bob);
    expect(won).toMatchObject({ mode: "auction", tonnes: "100", price: String(PRICE + 2_000), status: "settled" });
    expect((await stage.settled(stage.carol))[0]).toMatchObject({ tonnes: "50", status: "settled" });
    expect((await exchange.unitPosition(stage.bob.account, stage.batchId)).tonnes).toBe(START_TONNES + 100n);
    expect((await exchange.cashPosition(seller.account)).amount).toBe(START_CASH + 150n * BigInt(PRICE + 2_000));
    for (const firm of [seller, stage.bob, stage.carol]) await expect.poll(() => reserved(firm), POLL).toEqual([]);

    const { body: transcript } = await stage.get(result.links.transcript);
    expect(checkAuction(transcript, announced.seedCommitment, [bobs.body.id, carols.body.id])).toEqual([]);
    expect(checkAuction(transcript, bobs.body.id)).toEqual(["seed-not-committed"]);
    expect(checkAuction(transcript, announced.seedCommitment, [id])).toEqual(["bid-missing"]);
  });

  it("should keep a bid from everybody but its bidder until the close", async () => {
    const id = await opened();
    const made = await bid(id, stage.bob);
    const operator = stage.operator;
    const path = `/v1/auctions/${id}/bids`;
    expect((await stage.get(path, stage.bob.key)).body.items).toHaveLength(1);
    expect((await stage.get(path, stage.carol.key)).body.items).toEqual([]);
    expect((await stage.get(path)).status).toBe(401);
    expect((await stage.get(path, operator)).status).toBe(403);
    expect((await stage.get(`${path}/${made.body.id}`, stage.carol.key)).status).toBe(404);
    expect((await stage.get(`/v1/auctions/${id}/transcript`)).body.code).toBe("auction-not-ended");
    const auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
    const seen = [
      await stage.get(`/v1/orders/${made.body.id}`, auditor),
      await stage.get(`/v1/orders/${made.body.id}`, operator),
    ];
    expect(seen.map(({ status }) => status)).toEqual([404, 404]);
    expect((await stage.get("/v1/orders?mode=auction&status=open&side=buy", auditor)).body.items).toEqual([]);

    const drop = { method: "DELETE", headers: stage.bob.key };
    expect((await stage.send(`${path}/${made.body.id}`, drop)).body.status).toBe("cancelled");
    expect(await reserved(stage.bob)).toEqual([]);
    expect(await ended(id)).toMatchObject({ status: "void", voidReason: "undersubscribed" });
    expect(await reserved(seller)).toEqual([]);
  });

  it("should be closed by the operator when its time has come, and not before", async () => {
    const id = await opened();
    const close = () => stage.post(`/v1/auctions/${id}/close`, undefined, stage.operator);
    expect((await close()).body.code).toBe("auction-not-ended");
    ahead += 10 * MINUTE;
    expect((await close()).body.status).toBe("void");
    expect((await stage.post(`/v1/auctions/${id}/close`, undefined, seller.key)).status).toBe(403);
  });

  it("should be called off by its seller before it opens", async () => {
    const { body } = await announce();
    const dropped = await stage.send(`/v1/auctions/${body.id}`, { method: "DELETE", headers: seller.key });
    expect(dropped.body).toMatchObject({ status: "cancelled", links: { transcript: null } });
    expect(await reserved(seller)).toEqual([]);
  });

  it("given the same order again, it should answer 200 with the same auction or bid", async () => {
    const order = { ...(await stage.signed(seller, { tonnes: "150", expiresAt: expiresAt() })), ...times() };
    const once = await stage.post("/v1/auctions", order);
    const again = await stage.post("/v1/auctions", order);
    expect([once.status, again.status, again.body.id]).toEqual([201, 200, once.body.id]);
    ahead += 2 * MINUTE;
    const buy = await stage.signed(stage.bob, { side: "buy", expiresAt: expiresAt() });
    const path = `/v1/auctions/${once.body.id}/bids`;
    expect((await stage.post(path, buy)).status).toBe(201);
    expect((await stage.post(path, buy)).status).toBe(200);
    const other = await stage.signed(stage.bob, { side: "buy", expiresAt: expiresAt(), nonce: buy.order.nonce });
    expect((await stage.post(path, { ...other, order: { ...other.order, tonnes: "1" } })).body.code).toBe(
      "order-signature-invalid",
    );
    await ended(once.body.id);
  });

  it("given a managed bidder, it should sign for it, and refuse what no order can say", async () => {
    const id = await opened();
    const managed = await stage.managedFirm();
    const terms = { tonnes: "10", price: String(PRICE), maximumFeeBasisPoints: "0" };
    const path = `/v1/auctions/${id}/bids`;
    expect((await stage.post(path, terms, managed.key)).body.code).toBe("position-insufficient");
    expect((await stage.post(path, { ...terms, tonnes: String(2n ** 70n) }, managed.key)).body.code).toBe(
      "order-quantity-invalid",
    );
    expect((await stage.post(path, terms)).status).toBe(401);
    await ended(id);
  });

  it.each([
    [{ side: "buy" as const }, "auction-terms-invalid"],
    [{ minimumTonnes: "1" }, "auction-terms-invalid"],
    [{ limitPrice: String(PRICE + 1) }, "price-off-tick"],
    [{ tonnes: "0" }, "order-quantity-invalid"],
    [{ tonnes: String(2n ** 60n) }, "order-quantity-invalid"],
    [{ tonnes: "20000" }, "position-insufficient"],
    [{ batch: "NOTHING" }, "instrument-unknown"],
  ])("given an offer with %j, it should refuse with %s", async (differences, code) => {
    expect((await announce(differences)).body.code).toBe(code);
  });
});
