import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { PRICE, START_CASH, startTrading, type TradingStage } from "../../support/trading.js";

const LONG = 120_000;

describe("orders over HTTP", () => {
  let stage: TradingStage;

  beforeAll(async () => {
    stage = await startTrading();
  }, LONG);
  afterAll(() => stage?.close());

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
});
