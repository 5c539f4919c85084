import { afterEach, beforeEach, expect, it } from "vitest";

import { problemOf } from "../../../../src/chain/outbox/problems.js";
import { createSettlements, queuedTrade, type Settlements } from "../../../../src/chain/outbox/settlements.js";
import { persistSigned, SenderConflictError, type Fate } from "../../../../src/chain/outbox/store.js";
import { createTradeDesk } from "../../../../src/market/desk.js";
import type { AgreedTrade } from "../../../../src/market/ports.js";
import { describeEachDatabase, type TestDatabase } from "../../../support/database.js";
import { agreedTrade, hashOf, loggedSteps, settlementTransaction } from "../../../support/trades.js";

describeEachDatabase("trades on their way to settlement", (open) => {
  let database: TestDatabase;
  let settlements: Settlements;

  beforeEach(async () => {
    database = await open();
    settlements = createSettlements(database.db);
  });
  afterEach(() => database.close());

  async function write(...trades: AgreedTrade[]): Promise<void> {
    const desk = createTradeDesk({ db: database.db, reservations: {} as never, offer: () => undefined });
    await database.db.transaction().execute((trx) => desk.write(trx, trades));
  }

  const offered = ({ id, takerHash: taker, makerHash: maker, tonnes, price }: AgreedTrade) =>
    queuedTrade({ id, taker, maker, tonnes: BigInt(tonnes), price: BigInt(price), deal: null });

  const waiting = async (limit = 10) => (await settlements.take(limit)).map(({ id }) => Number(id));

  async function send(number: number, ...trades: number[]): Promise<void> {
    const transaction = settlementTransaction(number);
    const carrying = [{ transaction, operationIds: trades.map(hashOf) }];
    await persistSigned(database.db, carrying, settlements.markSent);
    settlements.withdraw(trades.map((trade) => offered(agreedTrade(trade))));
  }

  function final(trade: number, sent: number): Fate {
    const result = { tradeId: hashOf(trade), buyerFee: "7", sellerFee: "0" };
    return { id: hashOf(trade), status: "final", result, txHash: hashOf(10_000 + sent), blockNumber: 5n };
  }

  const stored = (trade: number) =>
    database.db.selectFrom("trades").selectAll().where("id", "=", hashOf(trade)).executeTakeFirstOrThrow();

  it("should wait in the order in which they were made, whether they were offered or found", async () => {
    await write(agreedTrade(3), agreedTrade(1));
    expect(await waiting()).toEqual([3, 1]);
    await write(agreedTrade(2));
    settlements.offer([offered(agreedTrade(2)), offered(agreedTrade(1))]);
    expect(await waiting()).toEqual([3, 1, 2]);
    expect(await waiting(2)).toEqual([3, 1]);
    expect(await settlements.queue()).toEqual({ length: 3, oldest: new Date(agreedTrade(3).matchedAt) });
  });

  it("should be written once, however often they are agreed", async () => {
    await write(agreedTrade(1));
    await write(agreedTrade(1), agreedTrade(2));
    expect(await waiting()).toEqual([1, 2]);
    expect(await loggedSteps(database)).toEqual([
      ["accepted", 1],
      ["accepted", 1],
    ]);
  });

  it("should be sent by one transaction at a time", async () => {
    await write(agreedTrade(1), agreedTrade(2), agreedTrade(3));
    await send(0, 1, 2);
    expect(await waiting()).toEqual([3]);
    expect(await settlements.queue()).toEqual({ length: 1, oldest: new Date(agreedTrade(3).matchedAt) });
    await expect(send(1, 2, 3)).rejects.toThrow(SenderConflictError);
    expect((await settlements.carriedBy(hashOf(10_000))).map(({ id }) => Number(id))).toEqual([1, 2]);
    settlements.forget();
    expect(await waiting()).toEqual([3]);
    // Whoever offers late offers nothing new.
    settlements.offer([offered(agreedTrade(1))]);
    expect(await waiting()).toEqual([3]);
  });

  it("should have one fate, and be told of it once", async () => {
    await write(agreedTrade(1), agreedTrade(2));
    await send(0, 1, 2);
    const problem = problemOf(hashOf(2), "trade-refused", "no");
    const refused: Fate = { id: hashOf(2), status: "rejected", problem, txHash: hashOf(10_000), blockNumber: 5n };
    const transaction = { hash: hashOf(10_000), status: "final", blockNumber: 5n } as const;
    expect(await settlements.settle([final(1, 0), refused], [transaction])).toEqual([final(1, 0), refused]);
    expect(await settlements.settle([{ ...refused, id: hashOf(1) }, final(2, 0)], [transaction])).toEqual([]);
    expect(await stored(1)).toMatchObject({ status: "settled", buyer_fee: 7n, seller_fee: 0n, block_number: 5n });
    expect(await stored(2)).toMatchObject({ status: "failed", buyer_fee: null, problem: { code: "trade-refused" } });
    expect((await stored(1)).ended_at).toBeInstanceOf(Date);
    expect(await loggedSteps(database)).toEqual([
      ["accepted", 2],
      ["sent", 2],
      ["final", 1],
      ["rejected", 1],
    ]);
    expect(await settlements.queue()).toEqual({ length: 0, oldest: null });
    expect(await database.db.selectFrom("unsettled_trades").selectAll().execute()).toEqual([]);
    // What has ended is not sent again.
    await expect(send(1, 1)).rejects.toThrow(SenderConflictError);
  });

  it("should go in several transactions at once, and end so, each known by its own", async () => {
    await write(agreedTrade(1), agreedTrade(2), agreedTrade(3));
    const loads = [
      { transaction: settlementTransaction(0), operationIds: [1, 3].map(hashOf) },
      { transaction: settlementTransaction(1), operationIds: [hashOf(2)] },
    ];
    await persistSigned(database.db, loads, settlements.markSent);
    settlements.forget();
    expect(await waiting()).toEqual([]);
    const closed = [0, 1].map((sent) => ({ hash: hashOf(10_000 + sent), status: "final", blockNumber: 5n }) as const);
    const fates = [final(1, 0), final(2, 1), final(3, 0)];
    expect(await settlements.settle(fates, closed)).toEqual(fates);
    expect((await stored(2)).tx_hash).toBe(hashOf(10_001));
    expect((await stored(3)).tx_hash).toBe(hashOf(10_000));
    expect(await loggedSteps(database)).toEqual([
      ["accepted", 3],
      ["sent", 2],
      ["sent", 1],
      ["final", 2],
      ["final", 1],
    ]);
  });

  it("should wait again, at their place, when their transaction came to nothing", async () => {
    await write(agreedTrade(1), agreedTrade(2));
    await send(0, 1);
    const nowhere = { status: "accepted", txHash: null, blockNumber: null } as const;
    const superseded = { hash: hashOf(10_000), status: "superseded", blockNumber: null } as const;
    expect(await settlements.settle([{ id: hashOf(1), ...nowhere }], [superseded])).toEqual([]);
    expect(await waiting()).toEqual([1, 2]);
    await send(1, 1, 2);
    expect(await waiting()).toEqual([]);
  });

  it("should not all be kept in memory when there are many", async () => {
    settlements = createSettlements(database.db, 3);
    const trades = [1, 2, 3, 4, 5].map((number) => agreedTrade(number));
    await write(...trades.slice(0, 2));
    expect(await waiting()).toEqual([1, 2]);
    await write(...trades.slice(2));
    settlements.offer(trades.slice(2).map(offered));
    expect(await waiting()).toEqual([1, 2]);
    await send(0, 1, 2);
    expect(await waiting()).toEqual([3, 4, 5]);
    await send(1, 3, 4, 5);
    expect(await waiting()).toEqual([]);
  });
});
