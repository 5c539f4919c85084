import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { orderOf, signOrder } from "../../../src/chain/orders.js";
import { faultyPGlite } from "../../support/faulty-database.js";
import { PRICE, startTrading, type TradingFirm, type TradingStage } from "../../support/trading.js";

const LONG = 120_000;
const HOUR = 3_600;
const DAY = 24 * HOUR;
/** Manners of `WalletMock`. */
const BURNING_GAS = 2;
const DENYING = 4;

describe("orders whose time comes to an end", () => {
  let stage: TradingStage;
  let passed = 0;

  beforeAll(async () => {
    stage = await startTrading({ clock: { now: () => Date.now() + passed * 1_000 } });
  }, LONG);
  afterAll(() => stage.close());

  const inSeconds = (seconds: number): string => String(Math.floor(Date.now() / 1_000) + passed + seconds);
  const stateOf = async (id: string, { key }: TradingFirm) => {
    const { status, reason } = (await stage.get(`/v1/orders/${id}`, key)).body;
    return { status, reason };
  };
  const reserved = async ({ account, key }: TradingFirm) => {
    const { body } = await stage.get(`/v1/reservations?account=${account}`, key);
    return body.items.map((item: { for: string }) => item.for);
  };

  it("should leave a minute before they could not settle any more, and give back what they held", async () => {
    const { alice, bob, place } = stage;
    const hour = await place(alice, { expiresAt: inSeconds(HOUR) }, { timeInForce: "gtd" });
    const two = await place(alice, { expiresAt: inSeconds(2 * HOUR) }, { timeInForce: "gtc" });
    expect(await reserved(alice)).toEqual([`order:${hour.body.id}`, `order:${two.body.id}`]);

    passed += HOUR - 90;
    expect(await stateOf(hour.body.id, alice)).toEqual({ status: "open", reason: null });
    passed += 60;
    await expect.poll(() => stateOf(hour.body.id, alice)).toEqual({ status: "expired", reason: "expired" });
    expect(await stateOf(two.body.id, alice)).toEqual({ status: "open", reason: null });
    expect(await reserved(alice)).toEqual([`order:${two.body.id}`]);

    const buy = await place(bob, { side: "buy", expiresAt: inSeconds(HOUR) });
    expect(buy.body).toMatchObject({ status: "filled", filledTonnes: "100" });
    expect(await stage.settled(bob)).toMatchObject([{ status: "settled", order: buy.body.id }]);
  });

  it("should leave at the end of the day when they are for a day, before anything that comes after it", async () => {
    const { alice, bob, place } = stage;
    const price = { limitPrice: String(PRICE + 4_000) };
    const day = await place(alice, { ...price, expiresAt: inSeconds(5 * DAY) }, { timeInForce: "day" });
    const longer = await place(alice, { ...price, expiresAt: inSeconds(5 * DAY) }, { timeInForce: "gtc" });
    passed += DAY;
    // Nobody has told the market what time it is: the first to come finds the order of yesterday gone.
    const buy = await place(bob, { ...price, side: "buy", tonnes: "150", expiresAt: inSeconds(HOUR) });
    expect(buy.body).toMatchObject({ status: "open", filledTonnes: "100" });
    expect(await stateOf(day.body.id, alice)).toEqual({ status: "expired", reason: "expired" });
    expect(await stateOf(longer.body.id, alice)).toEqual({ status: "filled", reason: null });
  });
});

describe("orders whose end the database loses", () => {
  it("should leave the book at the next try", { timeout: LONG }, async () => {
    const faulty = await faultyPGlite();
    let passed = 0;
    const clock = { now: () => Date.now() + passed * 1_000 };
    const stage = await startTrading({ database: faulty.database, clock });
    const { alice, place, get } = stage;
    const expiresAt = String(Math.floor(Date.now() / 1_000) + HOUR);
    const { body } = await place(alice, { expiresAt });
    let lost = 0;
    faulty.losesStatements((text) => /^Insert.*"market_log"/.test(text) && ++lost <= 1);
    passed = HOUR;
    await expect
      .poll(async () => (await get(`/v1/orders/${body.id}`, alice.key)).body, { timeout: 20_000 })
      .toMatchObject({ status: "expired", reason: "expired" });
    expect(lost).toBeGreaterThan(1);
    await stage.close();
  });
});

describe("orders of a firm whose account is a contract", () => {
  let stage: TradingStage;

  beforeAll(async () => {
    stage = await startTrading();
  }, LONG);
  afterAll(() => stage.close());

  /** A wallet contract with money on the exchange, for which a key signs. */
  async function walletOf(owner: TradingFirm) {
    const { ledger } = stage;
    const wallet = await ledger.ethers.deployContract("WalletMock", [owner.account]);
    const account = await wallet.getAddress();
    const firm = await stage.firm({ ...owner.wallet, address: account });
    await ledger.fundCash(account, 100_000_000n);
    const { data } = await ledger.cash.transfer.populateTransaction(ledger.exchange, 100_000_000n);
    await wallet.act(ledger.cash, data);
    await stage.synced();
    return { ...firm, wallet: owner.wallet, contract: wallet };
  }

  it("should be accepted with what the contract takes for its signature, and settle", async () => {
    const { alice, bob, place, post, ledger } = stage;
    const firm = await walletOf(bob);
    await place(alice, { tonnes: "30" });
    const order = stage.orderJson(firm, { side: "buy", tonnes: "30" });

    const foreign = await signOrder(alice.wallet, orderOf(order), stage.exchangeDomain);
    const refused = await post("/v1/orders", { order, signature: foreign });
    expect(refused).toMatchObject({ status: 422, body: { code: "order-signature-invalid" } });

    const own = await signOrder(bob.wallet, orderOf(order), stage.exchangeDomain);
    const accepted = await post("/v1/orders", { order, signature: own });
    expect(accepted).toMatchObject({ status: 201, body: { status: "filled", account: firm.account } });
    expect(await stage.settled(firm)).toMatchObject([{ status: "settled", tonnes: "30", order: accepted.body.id }]);
    expect((await ledger.exchange.unitPosition(firm.account, stage.batchId)).tonnes).toBe(30n);
  });

  it("should fail where the contract has changed its mind until they settle, and harm no other", async () => {
    const { alice, carol, place, post } = stage;
    const firm = await walletOf(carol);
    const order = stage.orderJson(firm, { side: "buy", tonnes: "20", limitPrice: "150000" });
    const signature = await signOrder(carol.wallet, orderOf(order), stage.exchangeDomain);
    expect((await post("/v1/orders", { order, signature })).body).toMatchObject({ status: "open" });
    await firm.contract.setManners(DENYING, 0);

    await place(alice, { tonnes: "20", limitPrice: "150000" });
    expect(await stage.settled(firm)).toMatchObject([
      { status: "failed", problem: { code: "trade-refused", evidence: { refusal: "signature-invalid" } } },
    ]);
    const { body } = await stage.get(`/v1/reservations?account=${firm.account}`, firm.key);
    expect(body.items).toEqual([]);
  });

  it("should not take others with them where they use up the gas of all", async () => {
    const { alice, bob, place, signed, post, db } = stage;
    const firm = await walletOf(bob);
    const price = { limitPrice: "160000", tonnes: "1" };
    const orders = Array.from({ length: 12 }, () => stage.orderJson(firm, { ...price, side: "buy" }));
    const items = await Promise.all(
      orders.map(async (order) => ({
        order,
        signature: await signOrder(bob.wallet, orderOf(order), stage.exchangeDomain),
      })),
    );
    const placed = await post("/v1/orders", { orders: items });
    expect(placed.body.items.map(({ order }: { order: { status: string } }) => order.status)).toEqual(
      Array.from(orders, () => "open"),
    );
    const own = await place(bob, { ...price, side: "buy" });
    await firm.contract.setManners(BURNING_GAS, 0);

    await post("/v1/orders", { orders: await Promise.all(Array.from({ length: 13 }, () => signed(alice, price))) });
    const failures = await stage.settled(firm);
    expect(failures).toHaveLength(orders.length);
    for (const { status, problem } of failures)
      expect({ status, evidence: problem.evidence }).toMatchObject({
        status: "failed",
        evidence: { refusal: "signature-invalid", account: firm.account },
      });
    const mine = await stage.get(`/v1/trades/mine?order=${own.body.id}`, bob.key);
    expect(mine.body.items).toMatchObject([{ status: "settled", tonnes: "1" }]);

    const whole = db.selectFrom("transactions").select("hash").where("lane", "=", "settlement");
    expect(await whole.where("status", "=", "failed").execute()).toHaveLength(1);
  });
});
