import { beforeEach, describe, expect, it } from "vitest";

import { deployExchange, expectRefusals, START_CASH, START_TONNES } from "../../support/exchange.js";

const CASH = 0n;

const stage = await deployExchange();
const { alice, bob, stranger, batchId, exchange, parts, expectError } = stage;
const asOfficer = exchange.connect(parts.compliance1);

beforeEach(() => stage.reset());

const said = async (...sent: Parameters<typeof stage.emitted>) =>
  (await stage.emitted(...sent)).map(({ name, args }) => [name, ...args]);

describe("recover", () => {
  it("should move the position of a lost account to its successor", async () => {
    await stage.replace(alice, stranger);

    const moved = [await said(asOfficer.recover(alice, batchId)), await said(asOfficer.recover(alice, CASH))];

    expect(moved).toEqual([
      [["PositionRecovered", alice.address, stranger.address, batchId, START_TONNES]],
      [["PositionRecovered", alice.address, stranger.address, CASH, START_CASH]],
    ]);
    expect(await stage.positionOf(stranger)).toEqual([START_TONNES, START_CASH]);
    expect(await stage.positionOf(alice)).toEqual([0n, 0n]);
    expect(await exchange.owedTonnes(batchId)).toBe(3n * START_TONNES);
    expect(await exchange.owedCash()).toBe(3n * START_CASH);
  });

  it("should leave nothing leaving", async () => {
    await exchange.connect(alice).requestWithdrawal(alice, batchId, 30);
    await exchange.connect(alice).requestCashWithdrawal(alice, 7);
    await stage.replace(alice, stranger);

    await asOfficer.recover(alice, batchId);
    await asOfficer.recover(alice, CASH);

    for (const account of [alice, stranger]) {
      expect((await exchange.unitPosition(account, batchId)).leavingTonnes).toBe(0n);
      expect((await exchange.cashPosition(account)).leavingAmount).toBe(0n);
    }
  });

  it("should keep closed what the lost account had closed", async () => {
    await exchange.connect(alice).cancelOrder(alice, batchId, 3);
    await exchange.connect(alice).cancelOrdersBefore(alice, 2);
    await stage.replace(alice, stranger);

    await asOfficer.recover(alice, batchId);
    await asOfficer.recover(alice, CASH);

    expect(await exchange.isNonceClosed(alice, batchId, 3)).toBe(true);
    expect(await exchange.firstValidNonce(alice)).toBe(2n);
    expect(await exchange.firstValidNonce(stranger)).toBe(0n);
    const events = await stage.settle(stage.matchOf(await stage.buy(bob), await stage.sell(alice, { nonce: 9n })));
    expectRefusals(events, ["account-not-active", alice.address]);
  });

  it("should go to the last of several successors", async () => {
    await stage.replace(alice, stranger);
    const last = stage.firms[4]!;
    await stage.replace(stranger, last);

    await asOfficer.recover(alice, batchId);

    expect((await exchange.unitPosition(last, batchId)).tonnes).toBe(START_TONNES);
  });

  it("should refuse an account that was not replaced", async () => {
    await expectError(asOfficer.recover(alice, batchId), "ExchangeNotReplaced", [alice.address]);
  });

  it("should refuse a successor that is not active", async () => {
    await stage.replace(alice, stranger);
    await stage.suspend(stranger);

    await expectError(asOfficer.recover(alice, batchId), "ExchangeAccountNotActive", [stranger.address]);
  });

  it("should refuse an empty position", async () => {
    await stage.replace(alice, stranger);
    await asOfficer.recover(alice, batchId);

    await expectError(asOfficer.recover(alice, batchId), "ExchangeAmountZero", []);
  });

  it("should be the compliance officer's alone", async () => {
    const asOperator = exchange.connect(parts.operator);

    await expectError(asOperator.recover(alice, batchId), "AccessManagedUnauthorized", [parts.operator.address]);
  });
});
