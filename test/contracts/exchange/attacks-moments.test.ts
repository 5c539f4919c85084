import { ZeroHash } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import type { Refusal } from "../../../src/chain/exchange-event-types.js";
import { encodeSettle, encodeSettleDeals, packMatches } from "../../../src/chain/settlement-call.js";
import { watch } from "../../support/attacks.js";
import { deployExchange, expectRefusals, namesOf, PRICE, START_CASH, START_TONNES } from "../../support/exchange.js";

const CASH = 0n;
/** `WalletMock.Manner`. */
const MANNER = { Proper: 0, BurningGas: 2, Bombing: 3, Calling: 5 };
const HOUR = 3_600;

const stage = await deployExchange();
const { alice, bob, carol, stranger, batchId, exchange, units, cash, participants, parts } = stage;
const { buy, sell, matchOf, settle, signedDeal } = stage;
const wallet = await stage.ethers.deployContract("WalletMock", [bob]);
await stage.admit(null, wallet.target);
await stage.fundCash(wallet.target, 100n * PRICE);
await wallet.act(cash, cash.interface.encodeFunctionData("transfer", [exchange.target, 100n * PRICE]));
await units.connect(alice).transfer(alice, wallet, batchId, 20, []);
const deposit = units.interface.encodeFunctionData("transfer", [wallet.target, exchange.target, batchId, 20, []]);
await wallet.act(units, deposit);
await stage.checkpoint();
const watched = [alice, bob, carol, stranger].map(({ address }) => address);
const { expectHarmless, expectReverted } = watch(stage, [...watched, wallet.target as string], [batchId]);

beforeEach(() => stage.reset());

const settleDeals = (...deals: Awaited<ReturnType<typeof signedDeal>>[]) =>
  stage.emitted(
    parts.operator.sendTransaction({ to: exchange, data: encodeSettleDeals(deals), gasLimit: 16_000_000n }),
  );
const participantOf = (account: typeof alice) => participants.participantOf(account);
const setTerms = async (account: typeof alice, capabilities: number, seconds: number) =>
  participants.update(await participantOf(account), capabilities, (await stage.now()) + seconds, ZeroHash);
const asAlice = exchange.connect(alice);

/** What becomes of Alice's orders and deals when, after she signed, this happens. */
const MOMENTS: readonly [string, () => Promise<unknown>, Refusal, Refusal | null][] = [
  ["cancelled the order", () => asAlice.cancelOrder(alice, batchId, 1), "nonce-closed", null],
  ["cancelled all orders so far", () => asAlice.cancelOrdersBefore(alice, 2), "cancelled", null],
  ["let the order expire", () => stage.increaseTime(HOUR + 1), "expired", "expired"],
  ["was suspended", () => stage.suspend(alice), "account-not-active", "account-not-active"],
  [
    "left the market",
    async () => participants.close(await participantOf(alice)),
    "account-not-active",
    "account-not-active",
  ],
  [
    "lost the account",
    async () => participants.removeAccount(await participantOf(alice), alice),
    "account-not-active",
    "account-not-active",
  ],
  ["got another key", () => stage.replace(alice, stranger), "account-not-active", "account-not-active"],
  ["lost the capability", () => setTerms(alice, 4, 100 * HOUR), "account-not-allowed", "account-not-allowed"],
  [
    "was not looked at in time",
    async () => {
      await setTerms(alice, 2, 60);
      await stage.increaseTime(61);
    },
    "account-not-active",
    "account-not-active",
  ],
  [
    "is asked for a higher fee than signed",
    async () => {
      await exchange.connect(parts.admin).setFeeAccount(carol);
      await exchange.connect(parts.admin).setFee(31, (await stage.now()) + 2);
      await stage.increaseTime(2);
    },
    "fee-above-cap",
    "fee-above-cap",
  ],
  [
    "asked for the units",
    () => asAlice.requestWithdrawal(alice, batchId, START_TONNES - 99n),
    "units-insufficient",
    "units-insufficient",
  ],
  [
    "cannot move the batch",
    () => units.connect(parts.guardian).pauseBatch(batchId),
    "instrument-paused",
    "instrument-paused",
  ],
  ["cannot move units", () => units.connect(parts.guardian).pause(), "instrument-paused", "instrument-paused"],
];

describe("attacks with what was signed before", () => {
  it.each(MOMENTS)("should not settle what the seller signed before she %s", async (_, happen, refusal, ofDeal) => {
    const expiresAt = BigInt((await stage.now()) + HOUR);
    const terms = { expiresAt, maximumFeeBasisPoints: 30n };
    // Known to the exchange as active and capable, from a trade just now.
    await settle(matchOf(await buy(bob, { nonce: 3n, tonnes: 1n }), await sell(alice, { nonce: 3n, tonnes: 1n })));
    const [order, deal] = [await sell(alice, terms), await signedDeal(alice, bob, terms)];
    const other = await buy(bob, { maximumFeeBasisPoints: 500n });

    await happen();

    for (const match of [matchOf(other, order), matchOf(order, other)]) {
      const [failed] = await expectHarmless(() => settle(match));
      expectRefusals(failed === undefined ? [] : [failed], [refusal, String(failed?.named["account"])]);
    }
    if (ofDeal === null) return;
    const [failed] = await expectHarmless(() => settleDeals(deal));
    expectRefusals(failed === undefined ? [] : [failed], [ofDeal, String(failed?.named["account"])]);
  });

  it("should not spend the buyer's cash that is leaving", async () => {
    const [match, deal] = [matchOf(await buy(bob), await sell(alice)), await signedDeal(alice, bob)];
    await exchange.connect(bob).requestCashWithdrawal(bob, START_CASH - 100n * PRICE + 1n);

    expectRefusals(await expectHarmless(() => settle(match)), ["cash-insufficient", bob.address]);
    expectRefusals(await expectHarmless(() => settleDeals(deal)), ["cash-insufficient", bob.address]);
  });

  it("should not settle the lost key's orders after the position was recovered, with either key's account", async () => {
    const order = await sell(alice);
    await stage.replace(alice, stranger);
    await exchange.connect(parts.compliance1).recover(alice, batchId);
    const moved = { ...order, order: { ...order.order, account: stranger.address } };

    expectRefusals(
      await expectHarmless(async () => settle(matchOf(await buy(bob), order), matchOf(await buy(bob), moved))),
      ["account-not-active", alice.address],
      ["signature-invalid", stranger.address],
    );
  });
});

describe("attacks by the wrong caller", () => {
  const evil = exchange.connect(stranger);

  it("should let nobody but the operator settle or serve", async () => {
    const match = matchOf(await buy(bob), await sell(alice));
    const deal = await signedDeal(alice, bob);
    for (const caller of [stranger, alice, parts.admin, parts.compliance1, parts.bank1]) {
      for (const data of [
        encodeSettle([match]),
        encodeSettleDeals([deal]),
        exchange.interface.encodeFunctionData("serveWithdrawals", [[{ account: alice.address, batchId }]]),
      ]) {
        await expectReverted(() => caller.sendTransaction({ to: exchange, data }), "AccessManagedUnauthorized");
      }
    }
  });

  it("should let nobody but itself settle a match whole, not even the operator", async () => {
    const packed = packMatches([matchOf(await buy(bob, { minimumTonnes: 5n }), await sell(alice))]);
    for (const caller of [stranger, parts.operator, parts.admin]) {
      await expectReverted(() => exchange.connect(caller).settleWhole(packed), "ExchangeOnlySelf");
    }
  });

  it("should credit nothing that only somebody says has come", async () => {
    const { address } = stranger;
    for (const attempt of [
      () => evil.onCashReceived(address, 1_000),
      () => evil.onERC1155Received(address, address, batchId, 1_000, "0x"),
      () => evil.onERC1155BatchReceived(address, address, [batchId], [1_000], "0x"),
      () => exchange.connect(parts.operator).onCashReceived(address, 1_000),
    ]) {
      await expectReverted(attempt, "ExchangeCallerNotAllowed");
    }
  });

  it("should let nobody act for another's account, nor lead its position away", async () => {
    await asAlice.requestWithdrawal(alice, batchId, 30);
    await asAlice.requestCashWithdrawal(alice, 30);
    await stage.increaseTime(100 * HOUR);
    const { deal } = await signedDeal(alice, bob);
    for (const [attempt, error] of [
      [() => evil.requestWithdrawal(alice, batchId, 1), "ExchangeCallerNotAllowed"],
      [() => evil.requestCashWithdrawal(alice, 1), "ExchangeCallerNotAllowed"],
      [() => evil.cancelOrder(alice, batchId, 1), "ExchangeCallerNotAllowed"],
      [() => evil.cancelOrdersBefore(alice, 5), "ExchangeCallerNotAllowed"],
      [() => evil.cancelDeal(deal), "ExchangeCallerNotAllowed"],
      [() => evil.cancelWithdrawal(batchId), "ExchangeNothingLeaving"],
      [() => evil.takeWithdrawal(batchId), "ExchangeNothingLeaving"],
      [() => evil.takeWithdrawal(CASH), "ExchangeNothingLeaving"],
      [() => evil.recover(alice, batchId), "AccessManagedUnauthorized"],
      [() => exchange.connect(parts.compliance1).recover(alice, batchId), "ExchangeNotReplaced"],
    ] as const) {
      await expectReverted(attempt, error);
    }
  });
});

describe("attacks by a contract wallet", () => {
  const encode = exchange.interface.encodeFunctionData.bind(exchange.interface);

  it.each([
    ["takes again", () => encode("takeWithdrawal", [batchId])],
    ["takes back", () => encode("cancelWithdrawal", [batchId])],
    ["asks again for as much", () => encode("requestWithdrawal", [wallet.target, batchId, 15])],
    ["credits itself", () => encode("onERC1155Received", [wallet.target, wallet.target, batchId, 15, "0x"])],
  ])("should gain nothing that %s while it is handed its units", async (_, call) => {
    await wallet.act(exchange, encode("requestWithdrawal", [wallet.target, batchId, 15]));
    await stage.increaseTime(100 * HOUR);
    await wallet.setCall(exchange, call());
    await wallet.setManners(MANNER.Proper, MANNER.Calling);

    await wallet.act(exchange, encode("takeWithdrawal", [batchId]));

    expect(await wallet.succeeded()).toBe(false);
    expect([...(await exchange.unitPosition(wallet, batchId))]).toEqual([5n, 0n, 0n]);
    expect(await units.balanceOf(wallet, batchId)).toBe(15n);
    expect(await exchange.owedTonnes(batchId)).toBe(await units.balanceOf(exchange, batchId));
  });

  it.each(["BurningGas", "Bombing"] as const)("should hold nobody up by %s", async (manner) => {
    await wallet.setManners(MANNER[manner], MANNER.Proper);
    const bad = async (nonce: bigint) => {
      const order = await stage.sign(bob, stage.orderOf(wallet.target as string, 0, { nonce, tonnes: 50n }));
      return matchOf(order, await sell(alice, { nonce }), 50n);
    };
    const many = await Promise.all(Array.from({ length: 20 }, (_, i) => bad(BigInt(i + 10))));
    const events = await expectHarmless(() => settle(...many));
    expectRefusals(events, ...many.map((): [Refusal, string] => ["signature-invalid", wallet.target as string]));

    const honest = matchOf(await buy(bob), await sell(alice));
    expect(namesOf(await settle(...many, honest)).filter((name) => name === "TradeSettled")).toHaveLength(1);
  });
});
