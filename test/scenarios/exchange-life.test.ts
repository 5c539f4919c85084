import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { batchIdOf } from "../../src/chain/codes.js";
import { createClient, type Client } from "../../src/client/client.js";
import { createFirm, createVerifier, type Firm } from "../../src/client/firm.js";
import { addressOf, newPrivateKey } from "../../src/client/keys.js";
import type { Order } from "../../src/client/order-types.js";
import type { Position } from "../../src/client/position-types.js";
import { ApiProblem } from "../../src/client/problem.js";
import type { Operation } from "../../src/client/types.js";
import { startTestService, type TestService } from "../support/service.js";

const WAIT = { waitSeconds: 30 };
const POLL = { timeout: 30_000, interval: 30 };
const KYC = "2090-01-01T00:00:00.000Z";
const PROJECT = "VN-HYDRO-3";
const BATCH = "VN-HYDRO-3-2024";
const BATCH_ID = batchIdOf(BATCH);
const TODAY = new Date().toISOString().slice(0, 10);
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);

let stage: TestService;
let open: Client;
let registrar: Client;
let otherRegistrar: Client;
let operator: Client;
let bank: Client;
let otherBank: Client;
let auditor: Client;
let exchange: string;
/** The seller keeps its own key; for the buyer, the service signs. */
let seller: { readonly account: string; readonly firm: Firm; readonly client: Client };
let buyer: { readonly account: string; readonly client: Client };

beforeAll(async () => {
  stage = await startTestService();
  await stage.synced();
  open = clientOf();
  registrar = clientOf(await stage.officerKey("registrar", "registrar1"));
  otherRegistrar = clientOf(await stage.officerKey("registrar", "registrar2"));
  operator = clientOf(await stage.officerKey("exchange-operator", "operator"));
  bank = clientOf(await stage.officerKey("settlement-bank", "bank1"));
  otherBank = clientOf(await stage.officerKey("settlement-bank", "bank2"));
  auditor = clientOf(await stage.keyOf({ scope: "auditor", label: "auditor" }));
}, 60_000);
afterAll(() => stage.close());

function clientOf(header?: { readonly authorization: string }): Client {
  const apiKey = header?.authorization.replace("Bearer ", "");
  return createClient({ baseUrl: stage.url, ...(apiKey === undefined ? {} : { apiKey }) });
}

async function done(act: Promise<Operation>): Promise<Operation> {
  const operation = await act;
  expect(operation).toMatchObject({ status: "final", problem: null });
  return operation;
}

const resultOf = (operation: Operation, name: string): string => String(operation.result?.[name]);

async function codeOf(act: Promise<unknown>): Promise<string> {
  const error = await act.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApiProblem) return error.code;
  throw new Error("It should have been refused", { cause: error });
}

async function admit(taxCode: string, choice: { account: string } | { managed: true }): Promise<number> {
  const document = { name: `Firm ${taxCode}` };
  const capabilities = ["trade-credits", "develop-projects"] as const;
  const admitted = await done(
    registrar.participants.admit({ taxCode, capabilities, kycExpiresAt: KYC, document, ...choice }, WAIT),
  );
  return Number(resultOf(admitted, "participantId"));
}

async function positionOf(party: { client: Client; account: string }, batch: string | null): Promise<Position> {
  const { items } = await party.client.positions.list({ account: party.account });
  return items.find((position) => position.batch === batch)!;
}

async function settledTrades(client: Client) {
  const trades = async () => (await client.orders.trades({ limit: 200 })).items;
  await expect.poll(async () => (await trades()).every(({ status }) => status !== "matched"), POLL).toBe(true);
  const items = await trades();
  expect(items.map(({ status, problem }) => [status, problem])).toEqual(items.map(() => ["settled", null]));
  return items;
}

const sell = (tonnes: bigint, limitPrice: bigint, more: object = {}) =>
  seller.firm.placeOrder({ batch: BATCH, side: "sell", tonnes, limitPrice, ...more });
const buy = (tonnes: bigint, limitPrice: bigint, more: object = {}) =>
  buyer.client.orders.place({ batch: BATCH, side: "buy", tonnes, limitPrice, ...more });

describe("Two firms on the exchange, from their money and units to the payout", () => {
  it("given registrars and a verifier, the firms should be there, and the units of one", async () => {
    const privateKey = newPrivateKey();
    const account = addressOf(privateKey);
    const sellerId = await admit("5000000001", { account });
    const sellerKey = await stage.keyOf({ scope: "participant", participantId: sellerId, label: "seller" });
    seller = { account, firm: createFirm({ client: open, privateKey }), client: clientOf(sellerKey) };
    const buyerId = await admit("5000000002", { managed: true });
    const buyerKey = await stage.keyOf({ scope: "participant", participantId: buyerId, label: "buyer" });
    const [managed] = (await open.participants.accounts(buyerId)).items;
    buyer = { account: managed!.address, client: clientOf(buyerKey) };

    const document = { name: "Thủy điện 3" };
    await done(registrar.projects.create({ code: PROJECT, ownerId: sellerId, bufferBasisPoints: 0, document }, WAIT));
    for (const status of ["validated", "registered"] as const)
      await done(registrar.projects.setStatus(PROJECT, status, WAIT));
    const verifier = createVerifier({ client: open, privateKey: stage.keys.verifier.privateKey });
    const period = { periodStart: "2024-01-01", periodEnd: "2024-12-31" };
    const statement = { projectCode: PROJECT, ...period, verifiedTonnes: 10_000n, reportHash: `0x${"3".repeat(64)}` };
    const statementId = resultOf(await done(verifier.record(statement, WAIT)), "statementId");
    const issuance = { statementId, batch: BATCH, vintage: 2024, tonnes: 10_000n, recipient: account, document: {} };
    const issuanceId = resultOf(await done(registrar.issuances.propose(issuance, WAIT)), "issuanceId");
    await done(otherRegistrar.issuances.approve(issuanceId, WAIT));
    await done(seller.firm.transfer({ to: buyer.account, batch: BATCH, tonnes: 2_000n }, WAIT));
  });

  it("given what the bank received, both should have money: one officer up to the limit, two above", async () => {
    const small = { account: seller.account, amount: 1_000_000_000n, reference: "VCB-1" };
    await done(bank.cash.deposits.create(small, WAIT));
    const large = { account: buyer.account, amount: 6_000_000_000n, reference: "VCB-2" };
    await done(bank.cash.deposits.create(large, WAIT));
    expect((await buyer.client.cash.balances.list()).items).toEqual([]);
    const { account, amount } = large;
    expect(await codeOf(bank.cash.deposits.approve("VCB-2", { account, amount }, WAIT))).toBe("cash-same-officer");
    await done(otherBank.cash.deposits.approve("VCB-2", { account, amount }, WAIT));
    expect((await buyer.client.cash.balances.list()).items).toMatchObject([{ amount: "6000000000" }]);
    expect(await codeOf(bank.cash.deposits.create({ ...small, amount: 1n }, WAIT))).toBe("cash-reference-used");
  });

  it("given transfers to the exchange, cash and units should be in trading", async () => {
    exchange = (await open.cash.get()).exchange;
    await done(seller.firm.transferCash(exchange, 200_000_000n, WAIT));
    await done(buyer.client.cash.transfers.create({ to: exchange, amount: 5_000_000_000n }, WAIT));
    await done(seller.firm.transfer({ to: exchange, batch: BATCH, tonnes: 6_000n }, WAIT));
    await done(buyer.client.transfers.create({ to: exchange, batch: BATCH, tonnes: 1_000n }, WAIT));
    expect(await positionOf(seller, BATCH)).toMatchObject({ amount: "6000", reserved: "0", available: "6000" });
    expect(await positionOf(buyer, null)).toMatchObject({ amount: "5000000000", available: "5000000000" });
  });

  it("given a listing and a definition, the market should open", async () => {
    expect(await codeOf(sell(1n, 136_000n))).toBe("instrument-unknown");
    await done(registrar.instruments.create(BATCH, "credit", WAIT));
    const definition = {
      tick: 100n,
      bandBasisPoints: 1_000,
      referencePrice: 136_000n,
      calendar: "always-open",
    } as const;
    const defined = await operator.instruments.define(BATCH, definition);
    expect(defined).toMatchObject({ isOpen: true, market: { priceBand: { low: "122400", high: "149600" } } });
  });

  let resting: Order;
  let bid: Order;

  it("given orders that cross, they should match in part, at the better price of who was there first", async () => {
    resting = await sell(500n, 136_400n);
    await sell(800n, 136_200n);
    const taken = await buy(1_000n, 136_500n);
    expect(taken).toMatchObject({ status: "filled", filledTonnes: "1000" });
    expect(await seller.client.orders.get(resting.id)).toMatchObject({ status: "open", filledTonnes: "200" });
    const fills = (await buyer.client.orders.trades({ order: taken.id })).items;
    expect(fills.map(({ tonnes, price }) => [tonnes, price])).toEqual([
      ["200", "136400"],
      ["800", "136200"],
    ]);

    bid = await buy(100n, 136_000n);
    expect(await sell(40n, 135_900n)).toMatchObject({ status: "filled" });
    expect(await buyer.client.orders.get(bid.id)).toMatchObject({ status: "open", openTonnes: "60" });
    await settledTrades(buyer.client);
    const held = (await buyer.client.positions.reservations(buyer.account)).items;
    expect(held).toEqual([{ for: `order:${bid.id}`, batch: null, amount: String(60 * 136_000) }]);
    const { bids, asks } = await open.instruments.book(BATCH);
    expect([bids, asks]).toEqual([
      [{ price: "136000", tonnes: "60", orders: 1 }],
      [{ price: "136400", tonnes: "300", orders: 1 }],
    ]);
  });

  it("given a firm order on the put-through board, another member should select a part of it", async () => {
    const offered = await sell(600n, 136_100n, { mode: "put-through" });
    expect(await buy(250n, 136_100n, { mode: "put-through", selects: offered.id })).toMatchObject({ status: "filled" });
    const board = await open.putThroughOrders.list({ batch: BATCH });
    expect(board.items).toMatchObject([{ id: offered.id, tonnes: "350", price: "136100" }]);
  });

  it("given a deal that one reports and the other confirms, it should settle", async () => {
    const terms = { side: "buyer", counterparty: seller.account, batch: BATCH, tonnes: 300n, price: 135_500n } as const;
    const expiresAt = BigInt(Math.floor(Date.now() / 1_000) + 3_600);
    const reported = await buyer.client.deals.report({ ...terms, maximumFeeBasisPoints: 0n, expiresAt });
    const confirmed = await seller.firm.confirmDeal(await seller.client.deals.get(reported.id));
    expect(confirmed.id).toBe(reported.id);
    await expect.poll(async () => (await buyer.client.deals.get(reported.id)).status, POLL).toBe("settled");
    await settledTrades(seller.client);
  });

  it("given cancellations, one by one and all at once, orders should leave and nothing stay reserved", async () => {
    expect(await seller.firm.cancelOrder(resting)).toMatchObject({ status: "cancelled", filledTonnes: "200" });
    expect(await codeOf(seller.client.orders.cancel(resting.id))).toBe("order-not-open");
    expect(await buyer.client.orders.cancel(bid.id)).toMatchObject({ status: "cancelled", filledTonnes: "40" });

    for (const price of [140_000n, 141_000n]) await sell(10n, price);
    const last = await sell(10n, 142_000n);
    // The two, and what is left of the firm order.
    expect(await seller.firm.cancelOrdersBefore(last.nonce)).toEqual({ cancelled: 3 });
    expect((await seller.client.orders.list({ status: "open" })).items.map(({ id }) => id)).toEqual([last.id]);
    for (const price of [125_000n, 126_000n]) await buy(10n, price);
    expect(await buyer.client.orders.cancelAll({ batch: BATCH })).toEqual({ cancelled: 2 });
    await seller.firm.cancelOrder(last);

    for (const { client, account } of [seller, buyer])
      expect((await client.positions.reservations(account)).items).toEqual([]);
    const { exchange: contract } = stage.ledger;
    await expect.poll(() => contract.firstValidNonce(seller.account), POLL).toBe(BigInt(last.nonce));
    await expect.poll(() => contract.isNonceClosed(seller.account, BATCH_ID, resting.nonce), POLL).toBe(true);
    await expect.poll(() => contract.isNonceClosed(seller.account, BATCH_ID, last.nonce), POLL).toBe(true);
  });

  it("given what they ask for out of trading, the operator should serve it", async () => {
    expect(await codeOf(seller.firm.withdraw(BATCH, 4_411n, WAIT))).toBe("position-insufficient");
    await done(seller.firm.withdraw(BATCH, 1_000n, WAIT));
    await done(seller.firm.withdraw(null, 350_000_000n, WAIT));
    await done(buyer.client.withdrawals.create({ batch: BATCH, amount: 500n }, WAIT));
    await done(buyer.client.withdrawals.create({ batch: null, amount: 1_000_000_000n }, WAIT));
    for (const { client } of [seller, buyer]) {
      const statuses = async () => (await client.withdrawals.list()).items.map(({ status }) => status);
      await expect.poll(statuses, POLL).toEqual(["withdrawn", "withdrawn"]);
    }
  });

  it("given a redemption, the bank should learn where to pay, and pay", async () => {
    const payout = { bank: "VCB", accountNumber: "0071000", accountHolder: "Firm 1", salt: "0123456789abcdef" };
    const asked = await done(seller.firm.redeem(600_000_000n, payout, WAIT));
    const id = resultOf(asked, "redemptionId");
    expect(await bank.cash.redemptions.get(id)).toMatchObject({ status: "requested", amount: "600000000", payout });
    await done(bank.cash.redemptions.pay(id, "OUT-1", WAIT));
    expect(await seller.client.cash.redemptions.get(id)).toMatchObject({ status: "paid" });
  });
});

describe("What is there in the end", () => {
  /** Price times tonnes of all that was sold: book, put-through and deal. */
  const TRADED = 800n * 136_200n + 200n * 136_400n + 40n * 136_000n + 250n * 136_100n + 300n * 135_500n;
  const SOLD = 800n + 200n + 40n + 250n + 300n;

  it("should be what they did, on the chain and in the API, to the unit", async () => {
    await stage.synced();
    const { units, cash, exchange: contract } = stage.ledger;
    const expected = [
      {
        party: seller,
        outside: { tonnes: 10_000n - 2_000n - 6_000n + 1_000n, money: 800_000_000n + 350_000_000n - 600_000_000n },
        inside: { tonnes: 6_000n - SOLD - 1_000n, money: 200_000_000n + TRADED - 350_000_000n },
      },
      {
        party: buyer,
        outside: { tonnes: 2_000n - 1_000n + 500n, money: 1_000_000_000n + 1_000_000_000n },
        inside: { tonnes: 1_000n + SOLD - 500n, money: 5_000_000_000n - TRADED - 1_000_000_000n },
      },
    ];
    for (const { party, outside, inside } of expected) {
      const { account, client } = party;
      const onChain = {
        outside: { tonnes: await units.balanceOf(account, BATCH_ID), money: await cash.balanceOf(account) },
        inside: {
          tonnes: (await contract.unitPosition(account, BATCH_ID)).tonnes,
          money: (await contract.cashPosition(account)).amount,
        },
      };
      expect(onChain).toEqual({ outside, inside });
      expect(await client.holdings.get(account, BATCH)).toMatchObject({ tonnes: String(outside.tonnes) });
      expect((await client.cash.balances.list()).items).toMatchObject([{ account, amount: String(outside.money) }]);
      const free = { leaving: "0", reserved: "0" };
      expect(await positionOf(party, BATCH)).toMatchObject({ ...free, amount: String(inside.tonnes) });
      expect(await positionOf(party, null)).toMatchObject({ ...free, amount: String(inside.money) });
    }
    const owed = expected.map(({ inside }) => inside);
    expect(await contract.owedTonnes(BATCH_ID)).toBe(owed[0]!.tonnes + owed[1]!.tonnes);
    expect(await contract.owedCash()).toBe(owed[0]!.money + owed[1]!.money);
  });

  it("should add up: what the exchange holds is what it owes, and no unit and no money is lost", async () => {
    const { units, cash, exchange: contract } = stage.ledger;
    expect(await units.balanceOf(exchange, BATCH_ID)).toBe(await contract.owedTonnes(BATCH_ID));
    expect(await cash.balanceOf(exchange)).toBe(await contract.owedCash());

    let held = 0n;
    for await (const { tonnes } of auditor.holdings.all({ batch: BATCH })) held += BigInt(tonnes);
    expect(await open.batches.get(BATCH)).toMatchObject({ issuedTonnes: "10000", heldTonnes: String(held) });
    let money = 0n;
    for await (const { amount } of auditor.cash.balances.all()) money += BigInt(amount);
    expect((await open.cash.get()).supply).toBe(String(money));
    expect(money).toBe(7_000_000_000n - 600_000_000n);
    expect(await cash.totalSupply()).toBe(money);
  });

  it("should be what every statement ends in, line by line", async () => {
    for (const { account, client } of [seller, buyer]) {
      const [balance] = (await client.cash.balances.list()).items;
      const inTrading = await positionOf({ account, client }, null);
      const places = { account: balance!.amount, exchange: inTrading.amount } as const;
      for (const place of ["account", "exchange"] as const) {
        const statement = await client.cash.statement({ account, from: TODAY, to: TOMORROW, place });
        let running = BigInt(statement.opening);
        for (const { amount, balance: after } of statement.movements)
          expect(after).toBe(String((running += BigInt(amount))));
        expect(statement).toMatchObject({ opening: "0", closing: String(running) });
        expect(BigInt(statement.credits) - BigInt(statement.debits)).toBe(running);
        expect(statement.closing).toBe(places[place]);
      }
    }
  });

  it("should be in the market's numbers, too", async () => {
    const volume = await open.market.volume({ from: TODAY, to: TOMORROW, batch: BATCH });
    expect(volume.total).toEqual({ tonnes: String(SOLD), value: String(TRADED), trades: "5" });
    const modes = new Map(volume.items[0]!.byMode.map(({ mode, tonnes }) => [mode, tonnes]));
    expect([modes.get("book"), modes.get("put-through"), modes.get("deal")]).toEqual(["1040", "250", "300"]);
    const candles = (await open.instruments.candles(BATCH, "1h")).items;
    expect(candles.reduce((sum, { value }) => sum + BigInt(value), 0n)).toBeLessThanOrEqual(TRADED);
  });

  it("should leave the reconciler without a difference", async () => {
    expect((await stage.service.reconciler.run()).differences).toEqual([]);
  });
});
