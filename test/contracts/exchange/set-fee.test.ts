import { ZeroAddress } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployExchange } from "../../support/exchange.js";

const stage = await deployExchange();
const { alice, exchange, parts, expectError } = stage;
const asAdmin = exchange.connect(parts.admin);

beforeEach(() => stage.reset());

const schedule = async () => [...(await exchange.feeSchedule())];

describe("setFee", () => {
  it("should be zero in the beginning, with nothing announced", async () => {
    expect(await schedule()).toEqual([0n, 0n, 0n, ZeroAddress]);
    expect(await exchange.currentFeeBasisPoints()).toBe(0n);
  });

  it("should announce a fee, and let it begin on its day", async () => {
    await asAdmin.setFeeAccount(alice);
    const from = (await stage.now()) + 1_000;

    const events = await stage.emitted(asAdmin.setFee(25, from));

    expect(events.map(({ name, args }) => [name, ...args])).toEqual([["FeeSet", 25n, BigInt(from)]]);
    expect(await schedule()).toEqual([0n, 25n, BigInt(from), alice.address]);
    await stage.increaseTime(1_000);
    expect(await schedule()).toEqual([25n, 0n, 0n, alice.address]);
    expect(await exchange.currentFeeBasisPoints()).toBe(25n);
  });

  it("should replace what was announced and has not begun", async () => {
    await asAdmin.setFeeAccount(alice);
    const from = (await stage.now()) + 1_000;
    await asAdmin.setFee(25, from);

    await asAdmin.setFee(0, from);

    await stage.increaseTime(1_000);
    expect(await exchange.currentFeeBasisPoints()).toBe(0n);
  });

  it("should keep the fee in force until the next begins", async () => {
    await asAdmin.setFeeAccount(alice);
    const from = (await stage.now()) + 1_000;
    await asAdmin.setFee(25, from);
    await stage.increaseTime(1_000);

    await asAdmin.setFee(30, from + 5_000);

    expect(await schedule()).toEqual([25n, 30n, BigInt(from + 5_000), alice.address]);
  });

  it("should refuse a fee above the limit", async () => {
    await asAdmin.setFeeAccount(alice);
    const from = (await stage.now()) + 1_000;

    await expectError(asAdmin.setFee(501, from), "ExchangeFeeInvalid", [501n, BigInt(from)]);
    expect(await exchange.MAX_FEE_BASIS_POINTS()).toBe(500n);
  });

  it("should refuse a beginning in the past", async () => {
    const from = await stage.now();

    await expectError(asAdmin.setFee(0, from), "ExchangeFeeInvalid", [0n, BigInt(from)]);
  });

  it("should refuse a fee that nobody would receive", async () => {
    await expectError(asAdmin.setFee(1, (await stage.now()) + 1_000), "ExchangeFeeAccountMissing", []);
  });

  it("should be the administrator's alone", async () => {
    const asOperator = exchange.connect(parts.operator);

    await expectError(asOperator.setFee(1, 1), "AccessManagedUnauthorized", [parts.operator.address]);
  });
});

describe("setFeeAccount", () => {
  it("should name the account that fees go to", async () => {
    const events = await stage.emitted(asAdmin.setFeeAccount(alice));

    expect(events.map(({ name, args }) => [name, ...args])).toEqual([["FeeAccountSet", alice.address]]);
  });

  it("should keep the fee as it is", async () => {
    await asAdmin.setFeeAccount(alice);
    const from = (await stage.now()) + 1_000;
    await asAdmin.setFee(25, from);

    await asAdmin.setFeeAccount(stage.bob);

    expect(await schedule()).toEqual([0n, 25n, BigInt(from), stage.bob.address]);
  });

  it("should refuse an account that is not active", async () => {
    await expectError(asAdmin.setFeeAccount(ZeroAddress), "ExchangeAccountNotActive", [ZeroAddress]);
    await stage.suspend(alice);
    await expectError(asAdmin.setFeeAccount(alice), "ExchangeAccountNotActive", [alice.address]);
  });

  it("should be the administrator's alone", async () => {
    const asOperator = exchange.connect(parts.operator);

    await expectError(asOperator.setFeeAccount(alice), "AccessManagedUnauthorized", [parts.operator.address]);
  });
});
