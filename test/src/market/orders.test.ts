import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { PRICE, START_CASH, startTrading, type TradingStage } from "../../support/trading.js";

const LONG = 120_000;

describe("orders over HTTP", () => {
  let stage: TradingStage;

  beforeAll(async () => {
    stage = await startTrading();
  }, LONG);
  afterAll(() => stage.close());

  it("matches two signed orders, settles them, and the chain agrees", async () => {
    const { alice, bob, place, get } = stage;
    const sale = await place(alice, { tonnes: "100" });
    expect(sale.status).toBe(201);
    expect(sale.body).toMatchObject({ status: "open", openTonnes: "100", filledTonnes: "0" });
    const reserved = await get(`/v1/reservations?account=${alice.account}`, alice.key);
    expect(reserved.body.items).toEqual([{ for: `order:${sale.body.id}`, batch: stage.batch, amount: "100" }]);

    const buy = await place(bob, { side: "buy", tonnes: "60", limitPrice: String(PRICE + 2_000) });
    expect(buy.body).toMatchObject({ status: "filled", filledTonnes: "60" });

    const [trade] = await stage.settled(bob);
    expect(trade).toMatchObject({ status: "settled", tonnes: "60", price: String(PRICE), isAggressor: true, fee: "0" });
    const position = await stage.ledger.exchange.cashPosition(bob.account);
    expect(position.amount).toBe(START_CASH - 60n * BigInt(PRICE));
    const left = await get(`/v1/reservations?account=${alice.account}`, alice.key);
    expect(left.body.items).toEqual([{ for: `order:${sale.body.id}`, batch: stage.batch, amount: "40" }]);
    expect((await get(`/v1/reservations?account=${bob.account}`, bob.key)).body.items).toEqual([]);
    const seen = await get(`/v1/orders/${sale.body.id}`, alice.key);
    expect(seen.body).toMatchObject({ status: "open", filledTonnes: "60", openTonnes: "40" });
  });

  it("matches a bulk of orders, each judged by itself", async () => {
    const { alice, signed, post } = stage;
    const items = await Promise.all([
      signed(alice, { limitPrice: "200000", tonnes: "5" }),
      signed(alice, { limitPrice: "200500", tonnes: "5" }),
      signed(alice, { limitPrice: "201000", tonnes: "99999999" }),
      signed(alice, { limitPrice: "201000", tonnes: "5" }),
    ]);
    items[3] = { ...items[3], signature: items[0].signature };
    const { status, body } = await post("/v1/orders", { orders: items });
    expect(status).toBe(200);
    const codes = body.items.map((item: { problem: { code: string } | null }) => item.problem?.code ?? null);
    expect(codes).toEqual([null, "price-off-tick", "position-insufficient", "order-signature-invalid"]);

    const again = await post("/v1/orders", items[0]);
    expect(again).toMatchObject({ status: 200, body: { id: body.items[0].order.id, status: "open" } });
  });

  it("replaces, cancels, and cancels all", async () => {
    const { alice, place, signed, post, send, get, batch } = stage;
    const old = await place(alice, { limitPrice: "300000", tonnes: "9000" });
    const body = await signed(alice, { limitPrice: "301000", tonnes: "9500" });
    const replacement = await post(`/v1/orders/${old.body.id}/replacement`, body);
    expect(replacement).toMatchObject({ status: 201, body: { status: "open", openTonnes: "9500" } });
    expect((await get(`/v1/orders/${old.body.id}`, alice.key)).body).toMatchObject({
      status: "cancelled",
      reason: "replaced",
    });

    const remove = (path: string) => send(path, { method: "DELETE", headers: alice.key });
    const cancelled = await remove(`/v1/orders/${replacement.body.id}`);
    expect(cancelled.body).toMatchObject({ status: "cancelled", reason: "cancelled", openTonnes: "0" });
    expect(await remove(`/v1/orders/${replacement.body.id}`)).toMatchObject({
      status: 409,
      body: { code: "order-not-open" },
    });

    await place(alice, { limitPrice: "310000" });
    const all = await remove(`/v1/orders?batch=${batch}&side=sell`);
    expect(all.status).toBe(200);
    expect(all.body.cancelled).toBeGreaterThan(1);
    expect((await get("/v1/orders?status=open", alice.key)).body.items).toEqual([]);
    expect((await get(`/v1/reservations?account=${alice.account}`, alice.key)).body.items).toEqual([]);
  });

  it("keeps the conditions of orders", async () => {
    const { alice, bob, carol, place } = stage;
    await place(alice, { tonnes: "10", limitPrice: "140000" });
    const post = await place(bob, { side: "buy", tonnes: "5", limitPrice: "140000" }, { postOnly: true });
    expect(post.body).toMatchObject({ status: "cancelled", reason: "would-trade" });
    const whole = { side: "buy", tonnes: "20", minimumTonnes: "20", limitPrice: "140000" } as const;
    const fok = await place(bob, whole, { timeInForce: "fok" });
    expect(fok.body).toMatchObject({ status: "cancelled", reason: "minimum-not-available", filledTonnes: "0" });
    const market = await place(bob, { side: "buy", tonnes: "30", limitPrice: "150000" }, { kind: "market" });
    expect(market.body).toMatchObject({ status: "cancelled", reason: "immediate-remainder", filledTonnes: "10" });
    expect(market.body.timeInForce).toBe("ioc");

    await place(carol, { tonnes: "10", limitPrice: "140000" });
    const own = await place(carol, { side: "buy", tonnes: "10", limitPrice: "140000" });
    expect(own.body).toMatchObject({ status: "cancelled", reason: "self-trade" });
  });

  it("lets another member select a firm order, once", async () => {
    const { alice, bob, carol, place, get } = stage;
    const firm = await place(alice, { tonnes: "50", limitPrice: "145000" }, { mode: "put-through" });
    expect(firm.body).toMatchObject({ status: "open", mode: "put-through" });
    const conditions = { mode: "put-through", selects: firm.body.id };
    const bought = await place(bob, { side: "buy", tonnes: "50", limitPrice: "145000" }, conditions);
    expect(bought.body).toMatchObject({ status: "filled", filledTonnes: "50" });
    const second = await place(carol, { side: "buy", tonnes: "50", limitPrice: "145000" }, conditions);
    expect(second).toMatchObject({ status: 409, body: { code: "put-through-unavailable" } });
    expect((await get(`/v1/trades/mine?order=${firm.body.id}`, alice.key)).body.items).toMatchObject([
      { mode: "put-through", tonnes: "50", isAggressor: false },
    ]);
  });

  it("signs for a managed account", async () => {
    const { bob, batch, post, managedFirm } = stage;
    const firm = await managedFirm();
    const terms = { batch, side: "buy", tonnes: "1", limitPrice: "100000", maximumFeeBasisPoints: "0" };
    const expiresAt = String(Math.floor(Date.now() / 1_000) + 3_600);
    const poor = await post("/v1/orders", { ...terms, expiresAt }, firm.key);
    expect(poor).toMatchObject({ status: 409, body: { code: "position-insufficient" } });
    const foreign = await post("/v1/orders", { ...terms, expiresAt }, bob.key);
    expect(foreign).toMatchObject({ status: 409, body: { code: "signer-unavailable" } });
  });

  it("takes the orders of a suspended firm off the book, and fails what cannot settle any more", async () => {
    const { carol, alice, ledger, place, synced, get, id32 } = stage;
    const open = await place(carol, { tonnes: "10", limitPrice: "180000" });
    await ledger.participants.connect(ledger.parts.compliance1).suspend(carol.id, id32("why"));
    const late = await place(alice, { side: "buy", tonnes: "4", limitPrice: "180000" });
    await synced();
    const [trade] = await stage.settled(alice);
    if (late.body.filledTonnes === "4")
      expect(trade).toMatchObject({ status: "failed", problem: { code: "trade-refused" } });
    const after = await get(`/v1/orders/${open.body.id}`, stage.auditor);
    expect(after.body).toMatchObject({ status: "cancelled", reason: "participant-suspended" });
    expect((await get(`/v1/reservations?account=${carol.account}`, stage.auditor)).body.items).toEqual([]);
    const refused = await place(carol, {});
    expect(refused).toMatchObject({ status: 409, body: { code: "participant-suspended" } });
  });
});
