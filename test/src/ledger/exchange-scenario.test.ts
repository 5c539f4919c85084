import { id } from "ethers";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";

import { readStatement } from "../../../src/ledger/read/cash-statement.js";
import { createLedgerReader } from "../../../src/chain/ledger-reader.js";
import { eventSources, firstBlockOf } from "../../../src/chain/manifest.js";
import {
  exchangeDomain,
  ORDER_SIDES,
  signDeal,
  signOrder,
  type OrderSide,
  type SignedDeal,
  type SignedOrder,
} from "../../../src/chain/orders.js";
import { packMatches } from "../../../src/chain/settlement-call.js";
import { createProjector, type Projector } from "../../../src/ledger/projector.js";
import { rebuildFromEvents } from "../../../src/ledger/rebuild.js";
import { createReconciler, type Reconciler } from "../../../src/ledger/reconciler.js";
import { stateHash } from "../../../src/ledger/state-hash.js";
import { sourceOf } from "../../support/chain-source.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { deployTestLedger, type TestLedger } from "../../support/ledger.js";
import { RecordingLogger } from "../../support/recording-logger.js";

const CODE = "VN-2024-001";
const LIMIT = 5_000_000_000n;
const LATER = 4_102_444_800n;
describeEachDatabase("read model of money and trades on a real chain", (open) => {
  let ledger: TestLedger;
  let database: TestDatabase;
  let projector: Projector;
  let reconciler: Reconciler;
  let batch: bigint;

  beforeAll(async () => {
    ledger = await deployTestLedger();
    database = await open();
    const contracts = eventSources(ledger.manifest);
    const logger = new RecordingLogger();
    projector = createProjector({
      db: database.db,
      source: sourceOf(ledger.ethers.provider),
      contracts,
      deployedAtBlock: BigInt(firstBlockOf(ledger.manifest)),
      logger,
      registry: new Registry(),
    });
    const reader = createLedgerReader(ledger.ethers.provider, contracts);
    reconciler = createReconciler({ db: database.db, reader, logger });
    await play();
    await projector.catchUp();
  });

  afterAll(async () => {
    await reconciler.stop();
    await database.close();
  });

  function firm(n: number) {
    const signer = ledger.firms[n];
    if (signer === undefined) throw new RangeError(`no firm ${n}`);
    return signer;
  }

  const domain = () => exchangeDomain(ledger.chainId, ledger.addresses.Exchange);

  /** Firm 0 sells to firm 1. */
  async function agreed(tonnes: bigint, price: bigint, nonce: bigint): Promise<SignedDeal> {
    const deal = {
      ...{ seller: firm(0).address, buyer: firm(1).address, batchId: batch, tonnes, price, nonce },
      ...{ maximumFeeBasisPoints: 100n, expiresAt: LATER },
    };
    const sellerSignature = await signDeal(firm(0), deal, domain());
    return { deal, sellerSignature, buyerSignature: await signDeal(firm(1), deal, domain()) };
  }

  async function ordered(n: number, side: OrderSide, tonnes: bigint, nonce: bigint): Promise<SignedOrder> {
    const order = {
      ...{
        account: firm(n).address,
        batchId: batch,
        side: ORDER_SIDES.indexOf(side),
        tonnes,
        minimumTonnes: 0n,
        nonce,
      },
      ...{ limitPrice: 1_050n, maximumFeeBasisPoints: 100n, expiresAt: LATER },
    };
    return { order, signature: await signOrder(firm(n), order, domain()) };
  }

  /** Every kind of act once, at least. */
  async function play(): Promise<void> {
    for (const n of [0, 1, 2, 3]) await ledger.admit(null, firm(n));
    batch = await ledger.issueBatch({ code: CODE, tonnes: 1_000, recipient: firm(0) });
    await ledger.listInstrument(batch);
    await playBank();
    await playTrades();
    await playLeaving();
  }

  async function playBank(): Promise<void> {
    const { cash, parts } = ledger;
    const bank2 = cash.connect(parts.bank2);
    await ledger.fundCash(firm(1), 1_000_000n);
    await ledger.fundCash(firm(2), LIMIT + 1n);
    await cash.proposeMint(firm(3), LIMIT + 5n, id("never"));
    await cash.withdrawMint(id("never"));
    await cash.proposeMint(firm(3), LIMIT + 7n, id("later"));
    await cash.connect(firm(2)).transfer(firm(3), 500n);
    await cash.connect(firm(2)).requestRedemption(firm(2), 400n, id("bank account"));
    await cash.payRedemption(1n, id("payment 1"));
    await cash.connect(firm(2)).requestRedemption(firm(2), 300n, id("bank account"));
    await bank2.refuseRedemption(2n, id("wrong name"));
    await cash.connect(firm(2)).requestRedemption(firm(2), LIMIT - 100_000n, id("bank account"));
    await ledger.access
      .connect(parts.admin)
      .execute(cash, cash.interface.encodeFunctionData("setSingleApprovalLimit", [5]));
    await cash.approveRedemption(3n);
    await cash.connect(parts.guardian).pause();
    await cash.connect(parts.compliance1).unpause();
    await cash.connect(parts.guardian).pause();
    await cash.connect(parts.compliance1).unpause();
  }

  async function playTrades(): Promise<void> {
    const { exchange, parts } = ledger;
    const admin = exchange.connect(parts.admin);
    await admin.setFeeAccount(firm(3));
    await admin.setFee(50, (await ledger.now()) + 3);
    await ledger.depositUnits(firm(0), batch, 100);
    await ledger.depositCash(firm(1), 900_000n);
    await ledger.increaseTime(10);
    // Of the taker some is left, of the first maker nothing, of the second one something.
    const taker = await ordered(1, "buy", 30n, 1n);
    const makers = [await ordered(0, "sell", 10n, 1n), await ordered(0, "sell", 15n, 2n)];
    const fills = makers.map((maker, i) => ({ maker, tonnes: 10n - BigInt(i), price: 1_050n }));
    await exchange.settle(packMatches([{ taker, fills }]));
    await exchange.settle(packMatches([{ taker, fills: [{ maker: makers[1]!, tonnes: 7n, price: 1_050n }] }]));
    await exchange.settleDeals([await agreed(1n, 1_050n, 3n)]);
    const { deal } = await agreed(2n, 1_000n, 4n);
    await exchange.connect(firm(0)).cancelDeal(deal);
    await exchange.settleDeals([await agreed(2n, 1_000n, 4n)]);
    await exchange.connect(firm(1)).cancelOrder(firm(1), batch, 200);
    await exchange.connect(firm(0)).cancelOrdersBefore(firm(0), 3);
    await admin.setFee(20, 4_000_000_000);
  }

  async function playLeaving(): Promise<void> {
    const { exchange, participants, parts } = ledger;
    await exchange.connect(firm(0)).requestWithdrawal(firm(0), batch, 20);
    await exchange.connect(firm(0)).requestCashWithdrawal(firm(0), 1_000);
    await exchange.connect(firm(1)).requestCashWithdrawal(firm(1), 2_000);
    await exchange.connect(firm(1)).cancelWithdrawal(0);
    await exchange.connect(firm(1)).requestWithdrawal(firm(1), batch, 3);
    await exchange.serveWithdrawals([
      { account: firm(0), batchId: 0 },
      { account: firm(1), batchId: batch },
    ]);
    await participants.connect(parts.compliance1).proposeReplacement(firm(0), firm(4));
    await participants.connect(parts.compliance2).approveReplacement(firm(0), firm(4));
    await exchange.connect(parts.compliance1).recover(firm(0), batch);
    await exchange.connect(parts.compliance1).recover(firm(0), 0);
    await ledger.cash.connect(parts.compliance1).recover(firm(0));
  }

  it("should agree with the chain in everything that can be asked", async () => {
    const { differences, compared } = await reconciler.run();
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(60);
  });

  it("should give the same rows when rebuilt from the events", async () => {
    const before = await stateHash(database.db);
    await rebuildFromEvents(database.db);
    expect(await stateHash(database.db)).toBe(before);
  });

  it("should hold what it owes, INV-7", async () => {
    const rows = await database.db.selectFrom("exchange_positions").selectAll().execute();
    const sum = (code: string) =>
      rows.filter(({ batch_code }) => batch_code === code).reduce((total, { amount }) => total + amount, 0n);
    expect(sum(CODE)).toBe(await ledger.units.balanceOf(ledger.addresses.Exchange, batch));
    expect(sum("")).toBe(await ledger.cash.balanceOf(ledger.addresses.Exchange));
    expect(rows.some(({ account }) => account === firm(0).address)).toBe(false);
  });

  it("should know what was settled, and what was not", async () => {
    const trades = await database.db
      .selectFrom("settled_trades")
      .selectAll()
      .orderBy("block_number")
      .orderBy("log_index")
      .execute();
    expect(trades.map(({ tonnes, price, buyer_fee }) => [tonnes, price, buyer_fee])).toEqual([
      [10n, 1_050n, 52n],
      [9n, 1_050n, 47n],
      [1n, 1_050n, 5n],
    ]);
    const failed = await database.db
      .selectFrom("events")
      .select("args")
      .where("name", "=", "TradeFailed")
      .orderBy("block_number")
      .execute();
    expect(failed).toMatchObject([
      { args: { refusal: "overfilled", batchId: CODE } },
      { args: { refusal: "cancelled", batchId: CODE } },
    ]);
  });

  it("should give statements that end in what each account has, in itself and on the exchange", async () => {
    const { db } = database;
    const days = { from: "2020-01-01", to: "2100-01-01", exchange: ledger.addresses.Exchange, limit: 100 };
    for (const { address } of [0, 1, 2, 3, 4].map(firm)) {
      const own = await readStatement(db, { ...days, account: address, place: "account" });
      expect(own?.closing).toBe(await ledger.cash.balanceOf(address));
      const traded = await readStatement(db, { ...days, account: address, place: "exchange" });
      expect(traded?.closing).toBe((await ledger.exchange.cashPosition(address)).amount);
      for (const { opening, movements, closing } of [own!, traded!]) {
        expect(movements.reduce((sum, { amount }) => sum + amount, opening)).toBe(closing);
      }
    }
    const account = firm(3).address;
    expect((await readStatement(db, { ...days, account, place: "exchange" }))?.movements[0]).toMatchObject({
      kind: "fees",
      amount: 104n,
      balance: 104n,
    });
    expect(await readStatement(db, { ...days, account, place: "exchange", limit: 2 })).toBeNull();
  });

  it("should report what was changed behind its back", async () => {
    const { db } = database;
    await db.updateTable("exchange_positions").set({ amount: 7n }).where("batch_code", "=", CODE).execute();
    await db.deleteFrom("cash_balances").where("account", "=", firm(2).address).execute();
    await db.updateTable("redemptions").set({ status: "paid" }).where("id", "=", 3n).execute();
    await db.updateTable("closed_deals").set({ status: "settled" }).execute();
    await db.updateTable("settled_trades").set({ tonnes: 8n }).where("tonnes", "=", 9n).execute();
    const { differences } = await reconciler.run();
    const found = new Set(differences.map(({ what }) => what));
    expect(found).toEqual(
      new Set(["position", "exchange", "cashSupply", "redemption", "cashSetAside", "fill", "deal"]),
    );
    await rebuildFromEvents(db);
    expect((await reconciler.run()).differences).toEqual([]);
  });
});
