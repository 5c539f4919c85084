import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { PRICE, startTrading, type TradingStage } from "../../support/trading.js";

const LONG = 120_000;

describe("an order that may not be", () => {
  let stage: TradingStage;

  beforeAll(async () => {
    stage = await startTrading();
  }, LONG);
  afterAll(() => stage.close());

  const inSeconds = (seconds: number): string => String(Math.floor(Date.now() / 1_000) + seconds);

  it.each([
    ["off the tick", { limitPrice: String(PRICE + 1) }, {}, 422, "price-off-tick"],
    ["at no price", { limitPrice: "0" }, {}, 422, "order-price-invalid"],
    ["beyond the numbers of the core", { limitPrice: "9007199254740993000" }, {}, 422, "order-price-invalid"],
    ["of nothing", { tonnes: "0" }, {}, 422, "order-quantity-invalid"],
    ["of more than the position", { tonnes: "10001" }, {}, 409, "position-insufficient"],
    ["with a minimum above its tonnes", { minimumTonnes: "101" }, {}, 422, "order-quantity-invalid"],
    ["of an unknown instrument", { batch: "NO-SUCH" }, {}, 422, "instrument-unknown"],
    ["that has expired", { expiresAt: inSeconds(-1) }, {}, 422, "order-expiry-invalid"],
    ["that expires before it can settle", { expiresAt: inSeconds(30) }, {}, 422, "order-expiry-invalid"],
    ["of a clock that is years ahead", { expiresAt: inSeconds(400 * 86_400) }, {}, 422, "order-expiry-invalid"],
    ["that rests at the market's price", {}, { kind: "market", timeInForce: "gtc" }, 422, "order-terms-invalid"],
    ["all or nothing without a minimum", {}, { timeInForce: "fok" }, 422, "order-terms-invalid"],
    ["that selects in the book", {}, { selects: `0x${"1".repeat(64)}` }, 422, "order-terms-invalid"],
    [
      "that selects nothing",
      {},
      { mode: "put-through", selects: `0x${"1".repeat(64)}` },
      409,
      "put-through-unavailable",
    ],
    ["of an unknown session", {}, { session: "nobody" }, 422, "order-session-unknown"],
    ["with a number beyond 2^32", { nonce: "4294967296" }, {}, 422, "order-terms-invalid"],
  ])("%s is refused", async (_, differences, conditions, status, code) => {
    const { alice, signed, post } = stage;
    // What cannot be signed is refused before anybody looks at the signature.
    const body = await signed(alice).then(({ order, signature }) => ({
      order: { ...order, ...differences },
      signature,
    }));
    const isFunds = code === "position-insufficient";
    const sent = isFunds ? await signed(alice, differences) : body;
    const answer = await post("/v1/orders", { ...sent, ...conditions });
    expect(answer).toMatchObject({ status, body: { code } });
  });

  it("keeps every digit of tonnes above 2^53", async () => {
    const { alice, signed, post } = stage;
    const { order, signature } = await signed(alice);
    const { status, body } = await post("/v1/orders", { order: { ...order, tonnes: "9007199254740993" }, signature });
    expect({ status, code: body.code }).toEqual({ status: 422, code: "order-quantity-invalid" });
    expect(body.evidence.tonnes).toBe("9007199254740993");
    expect(body.detail).toContain("9007199254740993");
  });

  it("refuses a body of a thousand orders, clearly", async () => {
    const { alice, signed, post } = stage;
    const order = await signed(alice);
    const some = await post("/v1/orders", { orders: Array.from({ length: 101 }, () => order) });
    expect(some).toMatchObject({ status: 400, body: { code: "validation-failed" } });
    expect(some.body.detail).toContain("/body/orders");
    const thousand = await post("/v1/orders", { orders: Array.from({ length: 1_000 }, () => order) });
    expect(thousand).toMatchObject({ status: 413, body: { code: "body-too-large" } });
  });

  it("uses a nonce once", async () => {
    const { alice, place, signed, post } = stage;
    const first = await place(alice, { limitPrice: "500000" });
    expect(first.status).toBe(201);
    const { order } = await signed(alice, { limitPrice: "501000", nonce: first.body.nonce });
    const again = await post("/v1/orders", await signed(alice, order));
    expect(again).toMatchObject({ status: 409, body: { code: "order-nonce-used" } });
    const next = await stage.get(`/v1/orders/next-nonce?account=${alice.account}&batch=${stage.batch}`);
    expect(BigInt(next.body.nonce) > BigInt(first.body.nonce)).toBe(true);
  });

  it("refuses the cancellation of others, of strangers, and of what is gone", async () => {
    const { alice, bob, place, send } = stage;
    const { body } = await place(alice, { limitPrice: "500000" });
    const path = `/v1/orders/${body.id}`;
    expect((await send(path, { method: "DELETE" })).status).toBe(401);
    expect((await send(path, { method: "DELETE", headers: bob.key })).status).toBe(404);
    expect((await send(path, { method: "DELETE", headers: alice.key })).status).toBe(200);
    expect(await send(path, { method: "DELETE", headers: alice.key })).toMatchObject({
      status: 409,
      body: { code: "order-not-open" },
    });
  });

  it("refuses a firm without the right to trade the instrument, and a halted or paused market", async () => {
    const { alice, place, ledger, synced, post, keyOf, batch } = stage;
    const wallet = ledger.firms[5]!;
    const id = await ledger.admit(null, wallet.address, 4);
    await synced();
    const owner = {
      id,
      account: wallet.address,
      wallet,
      key: await keyOf({ scope: "participant", participantId: id, label: "owner" }),
    };
    expect(await place(owner, {})).toMatchObject({ status: 403, body: { code: "account-not-allowed" } });

    const guardian = await stage.officerKey("guardian", "guardian");
    expect((await post(`/v1/instruments/${batch}/halt`, { reason: "news" }, guardian)).status).toBeLessThan(300);
    expect(await place(alice, {})).toMatchObject({ status: 409, body: { code: "market-halted" } });
    expect((await post(`/v1/instruments/${batch}/resume`, { reason: "read" }, guardian)).status).toBeLessThan(300);

    await ledger.units.connect(ledger.parts.guardian).pauseBatch(stage.batchId);
    await synced();
    expect(await place(alice, {})).toMatchObject({ status: 409, body: { code: "units-batch-paused" } });
  });
});
