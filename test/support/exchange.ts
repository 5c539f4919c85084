import type { AddressLike, BaseContract, ContractTransactionReceipt, TransactionReceipt } from "ethers";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { expect } from "vitest";

import { REFUSALS, type Refusal } from "../../src/chain/exchange-event-types.js";
import { type Deal, exchangeDomain, type Order, type SignedDeal, signDeal, signOrder } from "../../src/chain/orders.js";
import type { SignedOrder } from "../../src/chain/orders.js";
import { encodeSettle, type Match } from "../../src/chain/settlement-call.js";
import { CAPABILITIES, deployTestLedger } from "./ledger.js";
import { eventsOf, expectRevert, type LedgerEvent } from "./revert.js";

export const BUY = 0;
export const SELL = 1;
/** Late enough for every test. */
export const FAR = 4_000_000_000n;
export const PRICE = 136_000n;
export const START_TONNES = 10_000n;
export const START_CASH = 4_000_000_000n;

export type ExchangeStage = Awaited<ReturnType<typeof deployExchange>>;
type Sent = { wait(): Promise<TransactionReceipt | null> };

/**
 * The whole ledger with three firms in trading, each with `START_TONNES` of a listed batch and `START_CASH` on the exchange. Alice holds
 * more of it, and another batch, which is not listed. `reset` goes back to that.
 */
export async function deployExchange() {
  const ledger = await deployTestLedger();
  const [alice, bob, carol, stranger] = ledger.firms as [
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
    HardhatEthersSigner,
  ];
  const firms = [alice, bob, carol];
  for (const firm of firms)
    await ledger.admit(null, firm.address, CAPABILITIES.TRADE_CREDITS + CAPABILITIES.DEVELOP_PROJECTS);
  const batchId = await ledger.issueBatch({ recipient: alice.address, tonnes: 4n * START_TONNES });
  const unlisted = await ledger.issueBatch({ recipient: alice.address, tonnes: START_TONNES });
  await ledger.listInstrument(batchId);
  for (const firm of firms) {
    if (firm !== alice) await ledger.units.connect(alice).transfer(alice, firm, batchId, START_TONNES, []);
    await ledger.depositUnits(firm, batchId, START_TONNES);
    await ledger.fundCash(firm.address, START_CASH);
    await ledger.depositCash(firm, START_CASH);
  }
  await ledger.checkpoint();

  const { exchange, parts, units, participants } = ledger;
  const domain = exchangeDomain(ledger.chainId, ledger.addresses.Exchange);

  /** A hundred tonnes at `PRICE`, unless told otherwise. */
  const orderOf = (account: HardhatEthersSigner | string, side: number, differences: Partial<Order> = {}): Order => ({
    account: typeof account === "string" ? account : account.address,
    batchId,
    side,
    tonnes: 100n,
    minimumTonnes: 0n,
    limitPrice: PRICE,
    maximumFeeBasisPoints: 0n,
    nonce: 1n,
    expiresAt: FAR,
    ...differences,
  });
  const sign = async (signer: HardhatEthersSigner, order: Order): Promise<SignedOrder> => ({
    order,
    signature: await signOrder(signer, order, domain),
  });
  const buy = (signer: HardhatEthersSigner, differences: Partial<Order> = {}) =>
    sign(signer, orderOf(signer, BUY, differences));
  const sell = (signer: HardhatEthersSigner, differences: Partial<Order> = {}) =>
    sign(signer, orderOf(signer, SELL, differences));
  /** One trade: all of the maker's tonnes at its price, unless told otherwise. */
  const matchOf = (
    taker: SignedOrder,
    maker: SignedOrder,
    tonnes = maker.order.tonnes,
    price = maker.order.limitPrice,
  ): Match => ({ taker, fills: [{ maker, tonnes, price }] });

  /** Sends matches as the operator. @returns what the exchange emitted */
  const settle = async (...matches: Match[]): Promise<LedgerEvent[]> =>
    emitted(parts.operator.sendTransaction({ to: exchange, data: encodeSettle(matches), gasLimit: 16_000_000n }));
  const emitted = async (sent: Promise<Sent>, contract: BaseContract = exchange): Promise<LedgerEvent[]> =>
    eventsOf((await (await sent).wait()) as ContractTransactionReceipt, contract);

  const dealOf = (seller: HardhatEthersSigner, buyer: HardhatEthersSigner, differences: Partial<Deal> = {}): Deal => ({
    seller: seller.address,
    buyer: buyer.address,
    batchId,
    tonnes: 100n,
    price: PRICE,
    maximumFeeBasisPoints: 0n,
    expiresAt: FAR,
    nonce: 1n,
    ...differences,
  });
  const signedDeal = async (
    seller: HardhatEthersSigner,
    buyer: HardhatEthersSigner,
    differences: Partial<Deal> = {},
  ): Promise<SignedDeal> => {
    const deal = dealOf(seller, buyer, differences);
    return {
      deal,
      sellerSignature: await signDeal(seller, deal, domain),
      buyerSignature: await signDeal(buyer, deal, domain),
    };
  };

  /** `[tonnes, cash]` on the exchange. */
  const positionOf = async (account: AddressLike, batch = batchId): Promise<[bigint, bigint]> => [
    (await exchange.unitPosition(account, batch)).tonnes,
    (await exchange.cashPosition(account)).amount,
  ];
  const suspend = async (account: AddressLike): Promise<void> => {
    const participantId = await participants.participantOf(account);
    await participants.connect(parts.compliance1).suspend(participantId, `0x${"00".repeat(32)}`);
  };
  const replace = async (lost: AddressLike, successor: AddressLike): Promise<void> => {
    await participants.connect(parts.compliance1).proposeReplacement(lost, successor);
    await participants.connect(parts.compliance2).approveReplacement(lost, successor);
  };
  const expectError = (attempt: Promise<unknown>, name: string, evidence?: readonly unknown[]): Promise<void> =>
    expectRevert(attempt, exchange, name, evidence);
  /** The next block has exactly this time. */
  const setNextTime = async (time: number): Promise<void> => {
    await ledger.ethers.provider.send("evm_setNextBlockTimestamp", [time]);
  };
  /** A transfer of units as if `Units` had been called: for what only it may call. */
  const asUnits = () => ledger.ethers.getImpersonatedSigner(units.target as string);

  return {
    ...ledger,
    alice,
    bob,
    carol,
    stranger,
    batchId,
    unlisted,
    orderDomain: domain,
    orderOf,
    sign,
    buy,
    sell,
    matchOf,
    settle,
    emitted,
    dealOf,
    signedDeal,
    positionOf,
    suspend,
    replace,
    expectError,
    setNextTime,
    asUnits,
  };
}

/** Names of the events, in order. */
export function namesOf(events: readonly LedgerEvent[]): string[] {
  return events.map(({ name }) => name);
}

/** Expects exactly these refusals, and nothing settled. An account is the side that a trade failed for; zero for both. */
export function expectRefusals(events: readonly LedgerEvent[], ...expected: readonly [Refusal, string][]): void {
  const failed = events.map(({ name, named }) => {
    const { refusal, account } = named as unknown as { refusal: bigint; account: string };
    return [name, REFUSALS[Number(refusal)], account];
  });
  expect(failed).toEqual(expected.map(([refusal, account]) => ["TradeFailed", refusal, account]));
}
