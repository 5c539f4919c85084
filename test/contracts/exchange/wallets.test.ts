import { beforeEach, describe, expect, it } from "vitest";

import { encodeSettle, type Match } from "../../../src/chain/settlement-call.js";
import { BUY, deployExchange, expectRefusals, namesOf, PRICE } from "../../support/exchange.js";

/** `WalletMock.Manner`. */
const MANNER = { Proper: 0, Reverting: 1, BurningGas: 2, Bombing: 3, Denying: 4 };

const stage = await deployExchange();
const { alice, bob, exchange, units, cash, batchId, parts } = stage;
const wallet = await stage.ethers.deployContract("WalletMock", [bob]);
await stage.admit(null, wallet.target);
await stage.fundCash(wallet.target, 100n * PRICE);
await wallet.act(cash, cash.interface.encodeFunctionData("transfer", [exchange.target, 100n * PRICE]));
await units.connect(alice).transfer(alice, wallet, batchId, 1, []);
await stage.checkpoint();

beforeEach(() => stage.reset());

/** The wallet buys, signed by its owner's key; Alice sells. */
async function walletBuys(nonce = 1n): Promise<Match> {
  const order = stage.orderOf(wallet.target as string, BUY, { nonce, tonnes: 50n });
  return stage.matchOf(await stage.sell(alice, { nonce }), await stage.sign(bob, order));
}

describe("settle, with a contract wallet", () => {
  it("should take the wallet's word for its signature", async () => {
    expect(namesOf(await stage.settle(await walletBuys()))).toEqual(["TradeSettled"]);
    expect((await exchange.unitPosition(wallet, batchId)).tonnes).toBe(50n);
  });

  it.each(Object.keys(MANNER).filter((name) => name !== "Proper") as (keyof typeof MANNER)[])(
    "should refuse a wallet that is %s, and settle its neighbours",
    async (manner) => {
      await wallet.setManners(MANNER[manner], MANNER.Proper);
      const neighbour = stage.matchOf(await stage.buy(bob), await stage.sell(alice, { nonce: 2n }));

      const events = await stage.settle(await walletBuys(), neighbour);

      expect(namesOf(events)).toEqual(["TradeFailed", "TradeSettled"]);
      expectRefusals(events.slice(0, 1), ["signature-invalid", wallet.target as string]);
    },
  );

  it("should take a signature of any length, which the wallet then judges", async () => {
    const match = await walletBuys();
    const [fill] = match.fills;
    if (fill === undefined) throw new Error("No fill");
    const maker = { ...fill.maker, signature: `0x${"ab".repeat(1_000)}` };
    const neighbour = stage.matchOf(await stage.buy(bob), await stage.sell(alice, { nonce: 2n }));

    const events = await stage.settle({ ...match, fills: [{ ...fill, maker }] }, neighbour);

    expect(namesOf(events)).toEqual(["TradeFailed", "TradeSettled"]);
  });

  it("should settle nothing when too little gas is left to ask", async () => {
    const data = encodeSettle([await walletBuys()]);
    const attempt = parts.operator.sendTransaction({ to: exchange, data, gasLimit: 230_000 });

    await stage.expectError(attempt, "ExchangeGasTooLow");
  });
});
