import { getAddress, id, ZeroAddress } from "ethers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { batchIdOf } from "../../../src/chain/codes.js";
import { createProjector, type Projector } from "../../../src/ledger/projector.js";
import { forgetChain, rebuildFromEvents } from "../../../src/ledger/rebuild.js";
import { stateHash } from "../../../src/ledger/state-hash.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { FAKE_ADDRESSES, FakeChain, fakeAccount, fakeLog, type FakeLog } from "../../support/fake-chain.js";
import { RecordingLogger } from "../../support/recording-logger.js";

const BATCH = "VN-2024-001";
const ID = batchIdOf(BATCH);
const ALICE = getAddress(fakeAccount(1));
const BOB = getAddress(fakeAccount(2));
const FEES = getAddress(fakeAccount(3));
const CAROL = getAddress(fakeAccount(4));
const EXCHANGE = FAKE_ADDRESSES.Exchange;
const CASH = FAKE_ADDRESSES.SettlementCash;

const cash = (name: string, ...args: unknown[]): FakeLog => fakeLog("SettlementCash", name, args);
const exchange = (name: string, ...args: unknown[]): FakeLog => fakeLog("Exchange", name, args);
const minted = (account: string, amount: number | bigint, reference: string): FakeLog[] => [
  cash("Transfer", ZeroAddress, account, amount),
  cash("Minted", account, amount, id(reference), BOB),
];
const deposited = (account: string, amount: number | bigint): FakeLog[] => [
  cash("Transfer", account, EXCHANGE, amount),
  exchange("CashDeposited", account, amount),
];
const intent = (name: string, account: string, kind: number): FakeLog =>
  fakeLog("Intents", "IntentExecuted", [id(name), account, 1, kind]);
const traded = (
  taker: string,
  maker: string,
  tonnes: number,
  price: number,
  fees: readonly [number, number] = [0, 0],
) => exchange("TradeSettled", ID, id(taker), id(maker), ALICE, BOB, tonnes, price, ...fees);

describeEachDatabase("read model of the exchange", (open) => {
  let database: TestDatabase;
  let chain: FakeChain;
  let projector: Projector;

  beforeEach(async () => {
    database = await open();
    chain = new FakeChain();
    const logger = new RecordingLogger();
    projector = createProjector({
      db: database.db,
      source: chain,
      contracts: FAKE_ADDRESSES,
      deployedAtBlock: 1n,
      logger,
    });
  });

  afterEach(async () => {
    await projector.stop();
    await database.close();
  });

  const positionRows = () => database.db.selectFrom("exchange_positions").selectAll().execute();

  async function movements(account: string) {
    const rows = await database.db
      .selectFrom("cash_movements")
      .selectAll()
      .where("account", "=", account)
      .orderBy("block_number")
      .orderBy("log_index")
      .execute();
    return rows.map(({ kind, amount, balance, reference, redemption_id, intent_hash }) => ({
      kind,
      amount,
      balance,
      reference,
      redemption_id,
      intent_hash,
    }));
  }

  describe("when money moves", () => {
    it("should keep balances, and say what each movement was for", async () => {
      chain.mine([cash("SingleApprovalLimitSet", 5_000)], minted(ALICE, 1_000, "d1"));
      chain.mine([intent("i1", ALICE, 4), cash("Transfer", ALICE, BOB, 300)]);
      chain.mine([
        intent("i2", ALICE, 5),
        cash("Transfer", ALICE, CASH, 200),
        cash("RedemptionRequested", 1, ALICE, 200, id("payout")),
      ]);
      chain.mine([cash("RedemptionApproved", 1, BOB)]);
      chain.mine([cash("Transfer", CASH, ZeroAddress, 200), cash("RedemptionPaid", 1, ALICE, 200, id("p1"), FEES)]);
      chain.mine([cash("Transfer", ALICE, ALICE, 5), cash("Transfer", ALICE, BOB, 0), cash("CashPaused", BOB)]);
      await projector.catchUp();

      const none = { reference: null, redemption_id: null, intent_hash: null };
      expect(await movements(ALICE)).toEqual([
        { ...none, kind: "deposit", amount: 1_000n, balance: 1_000n, reference: id("d1") },
        { ...none, kind: "transfer", amount: -300n, balance: 700n, intent_hash: id("i1") },
        { ...none, kind: "redemption", amount: -200n, balance: 500n, redemption_id: 1n, intent_hash: id("i2") },
      ]);
      const balances = await database.db.selectFrom("cash_balances").selectAll().orderBy("account").execute();
      expect(balances.map(({ account, amount }) => [account, amount])).toEqual(
        [
          [ALICE, 500n],
          [BOB, 300n],
        ].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      );
      const redemption = await database.db.selectFrom("redemptions").selectAll().executeTakeFirstOrThrow();
      expect(redemption).toMatchObject({
        status: "paid",
        approver: BOB,
        decided_by: FEES,
        payment_reference: id("p1"),
      });
      const state = await database.db.selectFrom("ledger_state").selectAll().orderBy("name").execute();
      expect(state).toEqual([
        { name: "cashPaused", value: "true" },
        { name: "singleApprovalLimit", value: "5000" },
      ]);
    });

    it("should follow a deposit from its proposal on, also when it is proposed again", async () => {
      chain.mine([cash("MintProposed", ALICE, 9_000, id("d1"), BOB)]);
      chain.mine([cash("MintWithdrawn", id("d1"), FEES)]);
      await projector.catchUp();
      const deposit = () => database.db.selectFrom("cash_deposits").selectAll().executeTakeFirstOrThrow();
      expect(await deposit()).toMatchObject({ status: "withdrawn", proposer: BOB, decided_by: FEES, amount: 9_000n });

      chain.mine([cash("MintProposed", CAROL, 7_000, id("d1"), FEES)]);
      chain.mine([cash("Transfer", ZeroAddress, CAROL, 7_000), cash("Minted", CAROL, 7_000, id("d1"), BOB)]);
      await projector.catchUp();
      expect(await deposit()).toMatchObject({
        account: CAROL,
        status: "minted",
        proposer: FEES,
        decided_by: BOB,
        proposed_block: 3n,
        decided_block: 4n,
        block_number: 3n,
      });
    });

    it("should carry amounts beyond 2^53 to the unit", async () => {
      const much = 2n ** 72n - 1n;
      chain.mine(minted(ALICE, much, "d1"), deposited(ALICE, much));
      await projector.catchUp();
      expect(await positionRows()).toEqual([
        { account: ALICE, batch_code: "", amount: much, leaving: 0n, available_at: 0n },
      ]);
    });
  });

  describe("when trades settle", () => {
    beforeEach(async () => {
      chain.mine(
        [exchange("InstrumentListed", ID, 1), exchange("FeeAccountSet", FEES), exchange("FeeSet", 10, 1_767_225_600)],
        [...minted(ALICE, 10_000, "d1"), ...deposited(ALICE, 10_000)],
        [exchange("UnitsDeposited", BOB, ID, 50)],
      );
      await projector.catchUp();
    });

    async function positions(): Promise<Record<string, string>> {
      const rows = await positionRows();
      return Object.fromEntries(
        rows.map((row) => {
          const { account, batch_code, amount, leaving } = row;
          const name = { [ALICE]: "alice", [BOB]: "bob", [FEES]: "fees", [CAROL]: "carol" }[account] ?? "?";
          return [`${name} ${batch_code === "" ? "cash" : "units"}`, `${amount}/${leaving}`];
        }),
      );
    }

    it("should move units, money and fees", async () => {
      chain.mine([traded("taker", "m1", 10, 100, [1, 2]), traded("taker", "m2", 5, 101)]);
      chain.mine([traded("taker", "m1", 1, 100)]);
      await projector.catchUp();

      expect(await positions()).toEqual({
        "alice cash": `${10_000 - 1_001 - 505 - 100}/0`,
        "alice units": "16/0",
        "bob cash": `${998 + 505 + 100}/0`,
        "bob units": "34/0",
        "fees cash": "3/0",
      });
      const trades = await database.db.selectFrom("settled_trades").selectAll().orderBy("id").execute();
      expect(trades.map(({ tonnes, fee_account }) => [tonnes, fee_account])).toEqual([
        [10n, FEES],
        [5n, null],
        [1n, null],
      ]);
    });

    it("should close a deal", async () => {
      chain.mine([traded("deal", "deal", 3, 100)]);
      chain.mine([exchange("DealCancelled", id("other"), ALICE)]);
      await projector.catchUp();
      const deals = await database.db.selectFrom("closed_deals").selectAll().orderBy("block_number").execute();
      expect(deals.map(({ hash, status, cancelled_by }) => [hash, status, cancelled_by])).toEqual([
        [id("deal"), "settled", null],
        [id("other"), "cancelled", ALICE],
      ]);
    });

    it("should keep what is leaving apart, until it is taken, cancelled or recovered", async () => {
      chain.mine([intent("w", BOB, 6), exchange("UnitsWithdrawalRequested", BOB, ID, 20, 20, 1_800_000_000)]);
      chain.mine([exchange("UnitsWithdrawalRequested", BOB, ID, 5, 25, 1_800_000_100)]);
      chain.mine([exchange("CashWithdrawalRequested", ALICE, 4_000, 4_000, 1_800_000_000)]);
      await projector.catchUp();
      expect(await positions()).toEqual({ "alice cash": "10000/4000", "bob units": "50/25" });

      chain.mine([exchange("UnitsWithdrawn", BOB, ID, 15)]);
      chain.mine([exchange("WithdrawalCancelled", ALICE, 0, 4_000)]);
      await projector.catchUp();
      expect(await positions()).toEqual({ "alice cash": "10000/0", "bob units": "35/10" });

      chain.mine([exchange("PositionRecovered", BOB, CAROL, ID, 35)]);
      chain.mine([exchange("CashWithdrawn", ALICE, 0), exchange("PositionRecovered", ALICE, CAROL, 0, 10_000)]);
      await projector.catchUp();
      expect(await positions()).toEqual({ "carol cash": "10000/0", "carol units": "35/0" });
      const moves = await database.db
        .selectFrom("exchange_movements")
        .select(["kind", "amount", "leaving", "available_at", "counterparty", "intent_hash"])
        .where("account", "=", BOB)
        .orderBy("block_number")
        .execute();
      const none = { available_at: null, counterparty: null, intent_hash: null };
      expect(moves).toEqual([
        { ...none, kind: "deposit", amount: 50n, leaving: 0n },
        {
          ...none,
          kind: "withdrawal-request",
          amount: 20n,
          leaving: 20n,
          available_at: 1_800_000_000n,
          intent_hash: id("w"),
        },
        { ...none, kind: "withdrawal-request", amount: 5n, leaving: 25n, available_at: 1_800_000_100n },
        { ...none, kind: "withdrawal", amount: -15n, leaving: 10n },
        { ...none, kind: "recovery", amount: -35n, leaving: 0n, counterparty: CAROL },
      ]);
    });

    it("should remember cancelled orders and floors", async () => {
      chain.mine([exchange("OrderCancelled", ALICE, ID, 2 ** 32 - 1), exchange("OrdersCancelledBefore", ALICE, 7)]);
      chain.mine([exchange("OrdersCancelledBefore", ALICE, 9)]);
      await projector.catchUp();
      const cancelled = await database.db.selectFrom("cancelled_orders").selectAll().execute();
      expect(cancelled).toMatchObject([{ account: ALICE, batch_code: BATCH, nonce: 4_294_967_295n }]);
      const floors = await database.db.selectFrom("order_floors").selectAll().execute();
      expect(floors).toMatchObject([{ account: ALICE, first_valid_nonce: 9n, block_number: 3n }]);
    });

    it("should keep the fee in force until the announced one begins", async () => {
      const schedule = async () => {
        const row = await database.db
          .selectFrom("ledger_state")
          .selectAll()
          .where("name", "=", "feeSchedule")
          .executeTakeFirst();
        return JSON.parse(row?.value ?? "null");
      };
      expect(await schedule()).toEqual({ basisPoints: 0, nextBasisPoints: 10, nextFrom: 1_767_225_600 });
      chain.mine([exchange("FeeSet", 25, 1_900_000_000)]);
      await projector.catchUp();
      expect(await schedule()).toEqual({ basisPoints: 10, nextBasisPoints: 25, nextFrom: 1_900_000_000 });
    });

    it("should stop at a trade that nobody could pay", async () => {
      chain.mine([traded("taker", "m1", 10, 1_001)]);
      await expect(projector.catchUp()).rejects.toThrow(/would have -10 of cash in the exchange/);
      expect(projector.position()?.blockNumber).toBe(1n);
    });

    it("should give the same rows when rebuilt, read anew, and after a reorganisation", async () => {
      for (let block = 0; block < 5; block++) {
        chain.mine(
          [...Array(20).keys()].map((i) => traded(`t${block}`, `m${i}`, 1 + (i % 2), 3 + block, [1, 0])).slice(0, 6),
        );
      }
      chain.mine([exchange("CashWithdrawalRequested", BOB, 10, 10, 1_800_000_000)]);
      await projector.catchUp();
      const before = await stateHash(database.db);
      await rebuildFromEvents(database.db);
      expect(await stateHash(database.db)).toBe(before);
      await forgetChain(database.db);
      await projector.catchUp();
      expect(await stateHash(database.db)).toBe(before);

      chain.drop(3);
      chain.mine([traded("other", "branch", 2, 2)]);
      await projector.catchUp();
      const branch = await stateHash(database.db);
      await forgetChain(database.db);
      await projector.catchUp();
      expect(await stateHash(database.db)).toBe(branch);
      expect(branch).not.toBe(before);
    });
  });
});
