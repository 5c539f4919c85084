import { beforeEach, describe, expect, it } from "vitest";

import { hashOrder } from "../../../src/chain/orders.js";
import { packMatches } from "../../../src/chain/settlement-call.js";
import { deployExchange, expectRefusals, namesOf, PRICE, START_CASH, START_TONNES } from "../../support/exchange.js";

const stage = await deployExchange();
const { alice, bob, carol, batchId, exchange, parts } = stage;
const { buy, sell, matchOf, settle, positionOf } = stage;

beforeEach(() => stage.reset());

/** Bob buys 200 t or nothing, of Alice and of Carol. */
async function fillOrKill(differences: Parameters<typeof sell>[1] = {}) {
  const taker = await buy(bob, { tonnes: 200n, minimumTonnes: 200n });
  const makers = [await sell(alice), await sell(carol, differences)];
  return { taker, fills: makers.map((maker) => ({ maker, tonnes: 100n, price: PRICE })) };
}

describe("settle, with a taker that has a minimum", () => {
  it("should settle all fills when they reach it together", async () => {
    const match = await fillOrKill();

    const events = await settle(match);

    expect(namesOf(events)).toEqual(["TradeSettled", "TradeSettled"]);
    expect(await positionOf(bob)).toEqual([START_TONNES + 200n, START_CASH - 200n * PRICE]);
    expect(await exchange.isNonceClosed(bob, batchId, 1)).toBe(true);
  });

  it("should settle nothing when they do not, and say of each fill what was wrong with it", async () => {
    const events = await settle(await fillOrKill({ expiresAt: 1n }));

    expectRefusals(events, ["below-minimum", bob.address], ["expired", carol.address]);
    for (const firm of [alice, bob, carol]) expect(await positionOf(firm)).toEqual([START_TONNES, START_CASH]);
    expect(await exchange.isNonceClosed(alice, batchId, 1)).toBe(false);
  });

  it("should name the orders of the fills that were undone", async () => {
    const match = await fillOrKill({ expiresAt: 1n });

    const events = await settle(match);

    const hashes = [match.taker, ...match.fills.map(({ maker }) => maker)].map(({ order }) =>
      hashOrder(order, stage.orderDomain),
    );
    expect(events.map(({ args }) => args.slice(0, 3))).toEqual([
      [batchId, hashes[0], hashes[1]],
      [batchId, hashes[0], hashes[2]],
    ]);
  });

  it("should settle as far as it takes when the minimum is less than all", async () => {
    const match = await fillOrKill({ expiresAt: 1n });
    const taker = await buy(bob, { tonnes: 200n, minimumTonnes: 100n });

    const events = await settle({ ...match, taker });

    expect(namesOf(events)).toEqual(["TradeSettled", "TradeFailed"]);
    expect(await exchange.filledTonnes(hashOrder(taker.order, stage.orderDomain))).toBe(100n);
  });

  it("should not ask for the minimum again once it was reached", async () => {
    const taker = await buy(bob, { tonnes: 200n, minimumTonnes: 100n });
    await settle(matchOf(taker, await sell(alice)));
    const makers = [await sell(carol), await sell(carol, { nonce: 2n })];

    const events = await settle({ taker, fills: makers.map((maker) => ({ maker, tonnes: 10n, price: PRICE })) });

    expect(namesOf(events)).toEqual(["TradeSettled", "TradeSettled"]);
  });

  it("should say what is wrong with the taker, not with its minimum", async () => {
    const match = await fillOrKill();
    const taker = await buy(bob, { tonnes: 200n, minimumTonnes: 200n, expiresAt: 1n });

    expectRefusals(await settle({ ...match, taker }), ["expired", bob.address], ["expired", bob.address]);
  });

  it("should leave the matches before and behind alone", async () => {
    const events = await settle(
      matchOf(await buy(carol), await sell(alice)),
      await fillOrKill({ expiresAt: 1n }),
      matchOf(await buy(carol, { nonce: 2n }), await sell(alice, { nonce: 2n })),
    );

    expect(namesOf(events)).toEqual(["TradeSettled", "TradeFailed", "TradeFailed", "TradeSettled"]);
    expect(await positionOf(bob)).toEqual([START_TONNES, START_CASH]);
    expect(await positionOf(carol)).toEqual([START_TONNES + 200n, START_CASH - 200n * PRICE]);
  });

  it("should collect the fees of what settles, and none of what is undone", async () => {
    const clerk = parts.operator;
    await stage.admit(null, clerk.address);
    await exchange.connect(parts.admin).setFeeAccount(clerk);
    await exchange.connect(parts.admin).setFee(100, (await stage.now()) + 10);
    await stage.increaseTime(10);
    const cap = { maximumFeeBasisPoints: 100n };
    const makers = [await sell(alice, cap), await sell(carol, cap)];
    const fills = makers.map((maker) => ({ maker, tonnes: 100n, price: PRICE }));
    const undone = { taker: await buy(bob, { tonnes: 300n, minimumTonnes: 300n, ...cap }), fills };
    const whole = { taker: await buy(bob, { tonnes: 200n, minimumTonnes: 200n, ...cap }), fills };

    const events = await settle(undone, whole);

    expect(namesOf(events)).toEqual(["TradeFailed", "TradeFailed", "TradeSettled", "TradeSettled"]);
    expect((await exchange.cashPosition(clerk)).amount).toBe((400n * PRICE) / 100n);
    expect(await exchange.owedCash()).toBe(3n * START_CASH);
  });
});

describe("settleWhole", () => {
  it("should be the exchange's own", async () => {
    const packed = packMatches([await fillOrKill()]);

    await stage.expectError(exchange.connect(parts.operator).settleWhole(packed), "ExchangeOnlySelf", []);
  });
});
