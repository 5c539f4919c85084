import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { PRICE, startTrading, type TradingStage } from "../../support/trading.js";

const LONG = 120_000;
const HOUR = 3_600;
const WAIT = { prefer: "wait=20" };

describe("the fee of the exchange", () => {
  let stage: TradingStage;
  let admin: { authorization: string };
  let passed = 0;

  beforeAll(async () => {
    stage = await startTrading({ clock: { now: () => Date.now() + passed * 1_000 } });
    admin = await stage.officerKey("admin", "admin");
  }, LONG);
  afterAll(() => stage.close());

  const soon = (seconds: number): string =>
    new Date((Math.floor(Date.now() / 1_000) + passed + seconds) * 1_000).toISOString();
  const act = (path: string, body: object, key = admin) => stage.post(path, body, { ...key, ...WAIT });
  const fees = async () => {
    await stage.synced();
    return (await stage.get("/v1/fees")).body;
  };

  it("should be nothing in the beginning, and stay so without somebody who receives it", async () => {
    expect(await fees()).toEqual({ basisPoints: 0, next: null, account: null });
    const refused = await act("/v1/fees", { basisPoints: 10, from: soon(HOUR) });
    expect([refused.status, refused.body.code]).toEqual([409, "exchange-fee-account-missing"]);
    expect(await fees()).toEqual({ basisPoints: 0, next: null, account: null });
  });

  it.each([
    ["above the contract's limit", { basisPoints: 501, from: "2099-01-01T00:00:00Z" }],
    ["below nothing", { basisPoints: -1, from: "2099-01-01T00:00:00Z" }],
    ["in parts of a basis point", { basisPoints: 1.5, from: "2099-01-01T00:00:00Z" }],
    ["at no time", { basisPoints: 5 }],
  ])("given one %s, it should be refused at the door", async (_what, body) => {
    expect(await act("/v1/fees", body)).toMatchObject({ status: 400, body: { code: "validation-failed" } });
  });

  it("should be the administrator's business alone", async () => {
    const body = { basisPoints: 5, from: soon(HOUR) };
    for (const key of [stage.alice.key, stage.operator])
      expect((await stage.post("/v1/fees", body, key)).status).toBe(403);
    expect((await stage.post("/v1/fees", body)).status).toBe(401);
  });

  it("should begin when it was announced to, reach its receiver, and leave no order behind that does not allow it", async () => {
    const { alice, bob, carol, place, get, ledger } = stage;
    const named = await act("/v1/fee-account", { account: carol.account });
    expect(named.body).toMatchObject({ status: "final", result: { feeAccount: carol.account } });
    const from = soon(HOUR);
    const set = await act("/v1/fees", { basisPoints: 25, from });
    expect(set.body).toMatchObject({ status: "final", result: { basisPoints: 25 } });
    expect(await fees()).toEqual({ basisPoints: 0, next: { basisPoints: 25, from }, account: carol.account });

    const lifetime = { expiresAt: String(Math.floor(Date.now() / 1_000) + 24 * HOUR) };
    const thrifty = await place(alice, { ...lifetime, maximumFeeBasisPoints: "24" });
    const ready = await place(alice, { ...lifetime, maximumFeeBasisPoints: "25", limitPrice: String(PRICE + 1_000) });
    expect([thrifty.body.status, ready.body.status]).toEqual(["open", "open"]);

    // What matched now could settle after the fee has begun.
    passed += HOUR - 30;
    await expect
      .poll(async () => (await get(`/v1/orders/${thrifty.body.id}`, alice.key)).body)
      .toMatchObject({ status: "cancelled", reason: "fee-above-cap" });
    const late = await place(bob, { ...lifetime, side: "buy", maximumFeeBasisPoints: "24" });
    expect(late).toMatchObject({ status: 422, body: { code: "order-fee-too-low" } });

    // The clocks of the tests' chain and of this machine need not agree.
    await ledger.increaseTime(Math.max(1, Date.parse(from) / 1_000 - (await ledger.now())));
    passed += 90;
    expect(await fees()).toEqual({ basisPoints: 25, next: null, account: carol.account });
    const before = (await ledger.exchange.cashPosition(carol.account)).amount;
    const price = String(PRICE + 1_000);
    const buy = await place(bob, { ...lifetime, side: "buy", limitPrice: price, maximumFeeBasisPoints: "30" });
    expect(buy.body).toMatchObject({ status: "filled" });
    const fee = (100n * BigInt(price) * 25n) / 10_000n;
    expect(await stage.settled(bob)).toMatchObject([{ status: "settled", fee: fee.toString() }]);
    expect((await ledger.exchange.cashPosition(carol.account)).amount - before).toBe(2n * fee);
  });

  it("should wait for the delay of a role that has one", async () => {
    const { ledger, bob, carol } = stage;
    const fee = { basisPoints: 10, from: soon(3 * HOUR) };
    const needless = await act("/v1/fees/schedule", fee);
    expect([needless.status, needless.body.code]).toEqual([403, "access-manager-unauthorized-call"]);

    await ledger.access.grantRole(0n, stage.keys.admin.address, HOUR);
    await stage.synced();
    const early = await act("/v1/fees", fee);
    expect([early.status, early.body.code]).toEqual([409, "access-manager-not-scheduled"]);
    expect((await act("/v1/fees/schedule", fee)).body).toMatchObject({ status: "final", kind: "fee.set.schedule" });
    const account = await act("/v1/fee-account/schedule", { account: bob.account });
    expect(account.body).toMatchObject({ status: "final", kind: "fee-account.set.schedule" });
    expect(await fees()).toMatchObject({ basisPoints: 25, next: null, account: carol.account });
    expect((await act("/v1/fees", fee)).body.code).toBe("access-manager-not-ready");

    await ledger.increaseTime(HOUR + 1);
    expect((await act("/v1/fees", fee)).body).toMatchObject({ status: "final", result: { basisPoints: 10 } });
    const named = await act("/v1/fee-account", { account: bob.account });
    expect(named.body).toMatchObject({ status: "final", result: { feeAccount: bob.account } });
    expect(await fees()).toMatchObject({ basisPoints: 25, next: { basisPoints: 10 }, account: bob.account });
  });
});
