import { beforeEach, describe, expect, it } from "vitest";

import { deployExchange, expectRefusals, namesOf, PRICE, START_CASH } from "../../support/exchange.js";

const stage = await deployExchange();
const { alice, bob, carol, exchange, parts } = stage;
const { buy, sell, matchOf, settle } = stage;

beforeEach(async () => {
  await stage.reset();
  await exchange.connect(parts.admin).setFeeAccount(carol);
});

/** In force at once. */
async function setFee(basisPoints: number): Promise<void> {
  const from = (await stage.now()) + 1;
  await stage.setNextTime(from);
  await exchange.connect(parts.admin).setFee(basisPoints, from);
}

describe("settle, with a fee", () => {
  it("should take it of both sides, rounded down, and credit the fee account", async () => {
    await setFee(7);
    const cap = { maximumFeeBasisPoints: 7n, tonnes: 1n, limitPrice: 12_345n };

    const events = await settle(matchOf(await buy(bob, cap), await sell(alice, cap)));

    const fee = 8n; // 12,345 × 7 / 10,000 = 8.64
    expect(events.map(({ args }) => args.slice(-2))).toEqual([[fee, fee]]);
    const cashOf = async (account: typeof alice) => (await exchange.cashPosition(account)).amount;
    expect(await cashOf(bob)).toBe(START_CASH - 12_345n - fee);
    expect(await cashOf(alice)).toBe(START_CASH + 12_345n - fee);
    expect(await cashOf(carol)).toBe(START_CASH + 2n * fee);
    expect(await exchange.owedCash()).toBe(3n * START_CASH);
  });

  it("should refuse an order that does not accept so much", async () => {
    await setFee(7);
    const [cheap, fair] = [{ maximumFeeBasisPoints: 6n }, { maximumFeeBasisPoints: 7n }];

    const ofTaker = await settle(matchOf(await buy(bob, cheap), await sell(alice, fair)));
    const ofMaker = await settle(matchOf(await buy(bob, fair), await sell(alice, cheap)));

    expectRefusals(ofTaker, ["fee-above-cap", bob.address]);
    expectRefusals(ofMaker, ["fee-above-cap", alice.address]);
  });

  it("should ask the buyer for price and fee together", async () => {
    await setFee(500);
    const cap = { maximumFeeBasisPoints: 500n, tonnes: 1n, limitPrice: START_CASH };

    const events = await settle(matchOf(await buy(bob, cap), await sell(alice, cap)));

    expectRefusals(events, ["cash-insufficient", bob.address]);
  });

  it("should credit it also where the fee account is a party of the trade", async () => {
    await setFee(100);
    const cap = { maximumFeeBasisPoints: 100n };

    await settle(
      matchOf(await buy(carol, cap), await sell(alice, cap)),
      matchOf(await buy(bob, cap), await sell(carol, { ...cap, nonce: 2n })),
    );

    const value = 100n * PRICE;
    expect((await exchange.cashPosition(carol)).amount).toBe(START_CASH + (2n * value) / 100n);
    expect(await exchange.owedCash()).toBe(3n * START_CASH);
  });

  it("should begin in the second that was set", async () => {
    const from = (await stage.now()) + 1_000;
    await exchange.connect(parts.admin).setFee(100, from);
    const [taker, maker] = [await buy(bob), await sell(alice)];

    await stage.setNextTime(from - 1);
    expect(namesOf(await settle(matchOf(taker, maker, 50n)))).toEqual(["TradeSettled"]);
    expectRefusals(await settle(matchOf(taker, maker, 50n)), ["fee-above-cap", bob.address]);
  });

  it("should refuse every trade when the fee account is not active any more, until another is named", async () => {
    await setFee(100);
    await stage.suspend(carol);
    const cap = { maximumFeeBasisPoints: 100n };
    const match = matchOf(await buy(bob, cap), await sell(alice, cap));
    expectRefusals(await settle(match), ["account-not-active", carol.address]);

    await exchange.connect(parts.admin).setFeeAccount(alice);
    expect(namesOf(await settle(match))).toEqual(["TradeSettled"]);
  });

  it("should not mind the fee account as long as the fee is zero", async () => {
    await stage.suspend(carol);

    expect(namesOf(await settle(matchOf(await buy(bob), await sell(alice))))).toEqual(["TradeSettled"]);
  });
});
