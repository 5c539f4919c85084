import { beforeEach, describe, expect, it } from "vitest";

import { deployExchange, namesOf, PRICE, START_CASH, START_TONNES } from "../../support/exchange.js";

const CASH = 0n;

const stage = await deployExchange();
const { alice, bob, carol, batchId, exchange, units, cash, parts, expectError } = stage;
const delay = Number(await exchange.WITHDRAWAL_DELAY());

beforeEach(() => stage.reset());

const said = async (...sent: Parameters<typeof stage.emitted>) =>
  (await stage.emitted(...sent)).map(({ name, args }) => [name, ...args]);
const unitsOf = async (account: typeof alice) => [...(await exchange.unitPosition(account, batchId))];
const cashOf = async (account: typeof alice) => [...(await exchange.cashPosition(account))];
const asAlice = exchange.connect(alice);
const serve = (...withdrawals: { account: string; batchId: bigint }[]) =>
  exchange.connect(parts.operator).serveWithdrawals(withdrawals);

describe("requestWithdrawal", () => {
  it("should take units out of trading, and say when they can be taken alone", async () => {
    const at = (await stage.now()) + 10;
    await stage.setNextTime(at);

    const events = await said(asAlice.requestWithdrawal(alice, batchId, 30));

    const availableAt = BigInt(at + delay);
    expect(events).toEqual([["UnitsWithdrawalRequested", alice.address, batchId, 30n, 30n, availableAt]]);
    expect(await unitsOf(alice)).toEqual([START_TONNES, 30n, availableAt]);
  });

  it("should add to what is leaving, and begin the delay anew", async () => {
    await asAlice.requestWithdrawal(alice, batchId, 30);
    await stage.increaseTime(delay / 2);

    const events = await said(asAlice.requestWithdrawal(alice, batchId, 12));

    const availableAt = BigInt((await stage.now()) + delay);
    expect(events).toEqual([["UnitsWithdrawalRequested", alice.address, batchId, 12n, 42n, availableAt]]);
  });

  it("should refuse nothing, and more than is free", async () => {
    await asAlice.requestWithdrawal(alice, batchId, START_TONNES - 5n);

    await expectError(asAlice.requestWithdrawal(alice, batchId, 0), "ExchangeAmountZero", []);
    const evidence = [alice.address, batchId, 5n, 6n];
    await expectError(asAlice.requestWithdrawal(alice, batchId, 6), "ExchangePositionInsufficient", evidence);
  });

  it("should refuse an account that is not active", async () => {
    await stage.suspend(alice);

    const attempt = asAlice.requestWithdrawal(alice, batchId, 1);
    await expectError(attempt, "ExchangeAccountNotActive", [alice.address]);
  });

  it("should be the account's and the intents' alone", async () => {
    const evidence = [bob.address, alice.address];
    const attempt = exchange.connect(bob).requestWithdrawal(alice, batchId, 1);
    await expectError(attempt, "ExchangeCallerNotAllowed", evidence);
    const intents = await stage.ethers.getImpersonatedSigner(stage.addresses.Intents);
    await exchange.connect(intents).requestWithdrawal.staticCall(alice, batchId, 1);
  });
});

describe("requestCashWithdrawal", () => {
  it("should take cash out of trading, and say when it can be taken alone", async () => {
    const events = await said(asAlice.requestCashWithdrawal(alice, 7));

    const availableAt = BigInt((await stage.now()) + delay);
    expect(events).toEqual([["CashWithdrawalRequested", alice.address, 7n, 7n, availableAt]]);
    expect(await cashOf(alice)).toEqual([START_CASH, 7n, availableAt]);
  });

  it("should refuse nothing, and more than is free", async () => {
    await asAlice.requestCashWithdrawal(alice, START_CASH);

    await expectError(asAlice.requestCashWithdrawal(alice, 0), "ExchangeAmountZero", []);
    const evidence = [alice.address, CASH, 0n, 1n];
    await expectError(asAlice.requestCashWithdrawal(alice, 1), "ExchangePositionInsufficient", evidence);
  });

  it("should refuse an account that is not active", async () => {
    await stage.suspend(alice);

    await expectError(asAlice.requestCashWithdrawal(alice, 1), "ExchangeAccountNotActive", [alice.address]);
  });

  it("should be the account's and the intents' alone", async () => {
    const attempt = exchange.connect(bob).requestCashWithdrawal(alice, 1);
    await expectError(attempt, "ExchangeCallerNotAllowed", [bob.address, alice.address]);
  });
});

describe("cancelWithdrawal", () => {
  it("should put all that is leaving back into trading", async () => {
    await asAlice.requestWithdrawal(alice, batchId, 30);
    await asAlice.requestCashWithdrawal(alice, 7);

    const back = [await said(asAlice.cancelWithdrawal(batchId)), await said(asAlice.cancelWithdrawal(CASH))];

    expect(back).toEqual([
      [["WithdrawalCancelled", alice.address, batchId, 30n]],
      [["WithdrawalCancelled", alice.address, CASH, 7n]],
    ]);
    expect(await unitsOf(alice)).toEqual([START_TONNES, 0n, 0n]);
    expect(await cashOf(alice)).toEqual([START_CASH, 0n, 0n]);
  });

  it("should refuse when nothing is leaving", async () => {
    for (const batch of [batchId, CASH]) {
      await expectError(asAlice.cancelWithdrawal(batch), "ExchangeNothingLeaving", [alice.address, batch]);
    }
  });
});

describe("takeWithdrawal", () => {
  it("should hand the owner what is leaving once the delay has passed, without anybody's help", async () => {
    await asAlice.requestWithdrawal(alice, batchId, 30);
    await asAlice.requestCashWithdrawal(alice, 7);
    await stage.increaseTime(delay);
    const held = await units.balanceOf(alice, batchId);

    const taken = [await said(asAlice.takeWithdrawal(batchId)), await said(asAlice.takeWithdrawal(CASH))];

    expect(taken).toEqual([[["UnitsWithdrawn", alice.address, batchId, 30n]], [["CashWithdrawn", alice.address, 7n]]]);
    expect(await units.balanceOf(alice, batchId)).toBe(held + 30n);
    expect(await cash.balanceOf(alice)).toBe(7n);
    expect(await unitsOf(alice)).toEqual([START_TONNES - 30n, 0n, 0n]);
    expect(await cashOf(alice)).toEqual([START_CASH - 7n, 0n, 0n]);
    expect(await exchange.owedTonnes(batchId)).toBe(await units.balanceOf(exchange, batchId));
    expect(await exchange.owedCash()).toBe(await cash.balanceOf(exchange));
  });

  it("should wait for the last second of the delay", async () => {
    await asAlice.requestCashWithdrawal(alice, 7);
    const availableAt = (await stage.now()) + delay;
    await stage.setNextTime(availableAt - 1);
    const evidence = [alice.address, CASH, BigInt(availableAt)];
    await expectError(asAlice.takeWithdrawal(CASH, { gasLimit: 500_000 }), "ExchangeWithdrawalNotYet", evidence);

    await stage.setNextTime(availableAt);
    await asAlice.takeWithdrawal(CASH);
  });

  it("should let trades go on meanwhile, without what is leaving", async () => {
    await asAlice.requestWithdrawal(alice, batchId, START_TONNES - 100n);
    await stage.settle(stage.matchOf(await stage.buy(bob), await stage.sell(alice)));
    await stage.increaseTime(delay);

    await asAlice.takeWithdrawal(batchId);

    expect(await unitsOf(alice)).toEqual([0n, 0n, 0n]);
    expect((await cashOf(alice))[0]).toBe(START_CASH + 100n * PRICE);
  });

  it("should refuse when nothing is leaving", async () => {
    for (const batch of [batchId, CASH]) {
      await expectError(asAlice.takeWithdrawal(batch), "ExchangeNothingLeaving", [alice.address, batch]);
    }
  });

  it("should keep everything where it is while the account may not receive", async () => {
    await asAlice.requestWithdrawal(alice, batchId, 30);
    await asAlice.requestCashWithdrawal(alice, 7);
    await stage.increaseTime(delay);
    await stage.suspend(alice);

    await expect(asAlice.takeWithdrawal(batchId)).rejects.toThrow("ERC7943CannotReceive");
    await expect(asAlice.takeWithdrawal(CASH)).rejects.toThrow("CashAccountNotActive");
    expect((await unitsOf(alice)).slice(0, 2)).toEqual([START_TONNES, 30n]);
  });

  it("should go in steps where the units are in more blocks than can move at once", async () => {
    const scattered = await stage.issueBatch({ recipient: alice.address, tonnes: 1_000 });
    for (const start of [0, 50]) {
      const blocks = Array.from({ length: 50 }, (_, i) => {
        const serial = BigInt(2 * (start + i) + 1);
        return { start: serial, end: serial };
      });
      await stage.depositUnits(alice, scattered, 50, blocks);
    }
    await asAlice.requestWithdrawal(alice, scattered, 100);
    await stage.increaseTime(delay);

    const steps = [await said(asAlice.takeWithdrawal(scattered)), await said(asAlice.takeWithdrawal(scattered))];

    expect(steps).toEqual([
      [["UnitsWithdrawn", alice.address, scattered, 64n]],
      [["UnitsWithdrawn", alice.address, scattered, 36n]],
    ]);
    expect(await units.balanceOf(alice, scattered)).toBe(1_000n);
    expect(await exchange.owedTonnes(scattered)).toBe(0n);
  });
});

describe("serveWithdrawals", () => {
  it("should hand out what is leaving without the delay, and skip where nothing is", async () => {
    await asAlice.requestWithdrawal(alice, batchId, 30);
    await exchange.connect(bob).requestCashWithdrawal(bob, 7);

    const events = await said(
      serve(
        { account: carol.address, batchId },
        { account: alice.address, batchId },
        { account: bob.address, batchId: CASH },
        { account: bob.address, batchId: CASH },
      ),
    );

    expect(events).toEqual([
      ["UnitsWithdrawn", alice.address, batchId, 30n],
      ["CashWithdrawn", bob.address, 7n],
    ]);
    expect(await cash.balanceOf(bob)).toBe(7n);
  });

  it("should refuse an empty list, and one that is too long", async () => {
    await expectError(serve(), "ExchangeEmpty", []);
    const many = Array.from({ length: 301 }, () => ({ account: alice.address, batchId }));
    await expectError(serve(...many), "ExchangeTooMany", [301n, 300n]);
  });

  it("should be the operator's alone", async () => {
    await expectError(asAlice.serveWithdrawals([]), "AccessManagedUnauthorized", [alice.address]);
  });
});

describe("A receiver of units that calls back", () => {
  it("should find everything written: what it was handed is gone from its position", async () => {
    const wallet = await stage.ethers.deployContract("WalletMock", [alice]);
    await stage.admit(null, wallet.target);
    const act = (to: string, data: string) => wallet.act(to, data);
    const call = exchange.interface.encodeFunctionData("takeWithdrawal", [batchId]);
    await units.connect(alice).transfer(alice, wallet, batchId, 20, []);
    const deposit = units.interface.encodeFunctionData("transfer", [wallet.target, exchange.target, batchId, 20, []]);
    await act(units.target as string, deposit);
    const request = exchange.interface.encodeFunctionData("requestWithdrawal", [wallet.target, batchId, 15]);
    await act(exchange.target as string, request);
    await stage.increaseTime(delay);
    await wallet.setCall(exchange, call);
    await wallet.setManners(0, 5);

    await act(exchange.target as string, call);

    expect(await wallet.succeeded()).toBe(false);
    const reason = exchange.interface.parseError(await wallet.answer());
    expect(reason?.name).toBe("ExchangeNothingLeaving");
    expect([...(await exchange.unitPosition(wallet, batchId))]).toEqual([5n, 0n, 0n]);
    expect(await units.balanceOf(wallet, batchId)).toBe(15n);
  });

  it("should be able to deposit again what it is handed", async () => {
    const wallet = await stage.ethers.deployContract("WalletMock", [alice]);
    await stage.admit(null, wallet.target);
    await units.connect(alice).transfer(alice, wallet, batchId, 20, []);
    const deposit = units.interface.encodeFunctionData("transfer", [wallet.target, exchange.target, batchId, 20, []]);
    await wallet.act(units, deposit);
    await wallet.act(
      exchange,
      exchange.interface.encodeFunctionData("requestWithdrawal", [wallet.target, batchId, 20]),
    );
    await wallet.setCall(units, deposit);
    await wallet.setManners(0, 5);

    const events = await stage.emitted(serve({ account: wallet.target as string, batchId }));

    expect(namesOf(events)).toEqual(["UnitsWithdrawn", "UnitsDeposited"]);
    expect([...(await exchange.unitPosition(wallet, batchId))]).toEqual([20n, 0n, 0n]);
    expect(await exchange.owedTonnes(batchId)).toBe(await units.balanceOf(exchange, batchId));
  });
});
