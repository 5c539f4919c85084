import { afterEach, beforeEach, expect, it } from "vitest";

import { createSettlements } from "../../../src/chain/outbox/settlements.js";
import { persistSigned } from "../../../src/chain/outbox/store.js";
import { createTradeDesk } from "../../../src/market/desk.js";
import { createEventLog } from "../../../src/notifications/event-log.js";
import { createOperations, newOperationId, type OperationFilter } from "../../../src/operations/service.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";
import { agreedTrade, hashOf, settlementTransaction } from "../../support/trades.js";

const OTHER = newOperationId();

describeEachDatabase("a trade as an operation", (open) => {
  let database: TestDatabase;
  let operations: ReturnType<typeof createOperations>;

  /** Trade 1 is settled, an intent was accepted after it, trade 2 is sent, trade 3 waits. */
  beforeEach(async () => {
    database = await open();
    const { db } = database;
    operations = createOperations({ db, kick: () => undefined });
    const desk = createTradeDesk({ db, reservations: {} as never, offer: () => undefined });
    const write = (number: number) => db.transaction().execute((trx) => desk.write(trx, [agreedTrade(number)]));
    const settlements = createSettlements(db);
    const send = (number: number) => {
      const carrying = [{ transaction: settlementTransaction(number), operationIds: [hashOf(number)] }];
      return persistSigned(db, carrying, settlements.markSent);
    };

    await write(1);
    await operations.accept({ id: OTHER, kind: "transfer", lane: "intents", account: "0xA", request: {}, payload: {} });
    await write(2);
    await write(3);
    await send(1);
    const result = { tradeId: hashOf(1), buyerFee: "7", sellerFee: "0" };
    const { hash: txHash } = settlementTransaction(1);
    await settlements.settle(
      [{ id: hashOf(1), status: "final", result, txHash, blockNumber: 5n }],
      [{ hash: txHash, status: "final", blockNumber: 5n }],
    );
    await send(2);
  });
  afterEach(() => database.close());

  const listed = async (filter: OperationFilter, limit = 10, before?: bigint) =>
    (await operations.list(filter, limit, before)).map(({ view }) => view.id);

  it("should be found by its id, and know its state", async () => {
    expect(await operations.get(hashOf(1))).toMatchObject({
      kind: "settlement",
      status: "final",
      txHash: hashOf(10_001),
      blockNumber: 5,
      result: { tradeId: hashOf(1), buyerFee: "7", sellerFee: "0" },
      problem: null,
    });
    expect(await operations.get(hashOf(2))).toMatchObject({ status: "sent", txHash: hashOf(10_002), result: null });
    const third = await operations.get(hashOf(3));
    expect(third).toMatchObject({ status: "accepted", txHash: null, account: null, participantId: null });
    expect(third?.createdAt).toBe(new Date(agreedTrade(3).matchedAt).toISOString());
    expect(await operations.get(hashOf(4))).toBeUndefined();
  });

  it("should stand in the list among the others, at its place", async () => {
    expect(await listed({})).toEqual([hashOf(3), hashOf(2), OTHER, hashOf(1)]);
    const [, second] = await operations.list({}, 2);
    expect(await listed({}, 2)).toEqual([hashOf(3), hashOf(2)]);
    expect(await listed({}, 2, second?.seq)).toEqual([OTHER, hashOf(1)]);
  });

  it("should be found by what lists are asked for", async () => {
    expect(await listed({ kind: "settlement" })).toEqual([hashOf(3), hashOf(2), hashOf(1)]);
    expect(await listed({ kind: "transfer" })).toEqual([OTHER]);
    expect(await listed({ status: "accepted" })).toEqual([hashOf(3), OTHER]);
    expect(await listed({ status: "sent" })).toEqual([hashOf(2)]);
    expect(await listed({ status: "final" })).toEqual([hashOf(1)]);
    expect(await listed({ status: "rejected" })).toEqual([]);
    expect(await listed({ account: "0xA" })).toEqual([OTHER]);
    expect(await listed({ txHash: hashOf(10_002) })).toEqual([hashOf(2)]);
    expect(await listed({ txHash: hashOf(10_001) })).toEqual([hashOf(1)]);
    expect(await listed({ kind: "settlement", since: new Date(agreedTrade(3).matchedAt) })).toEqual([hashOf(3)]);
  });

  it("should have a story", async () => {
    const steps = (await operations.story(hashOf(1)))?.steps.map(({ step, txHash }) => [step, txHash]);
    const { hash } = settlementTransaction(1);
    expect(steps).toEqual([
      ["accepted", null],
      ["sent", hash],
      ["final", hash],
    ]);
  });

  it("should be told to both sides, step by step", async () => {
    const log = createEventLog(database.db);
    await log.number();
    const { events } = await log.after(0);
    const own = events.filter(({ operation }) => operation.kind === "settlement");
    expect(own.map(({ type, operation: { id } }) => [type, Number(id)])).toEqual([
      ["operation.accepted", 1],
      ["operation.accepted", 2],
      ["operation.accepted", 3],
      ["operation.sent", 1],
      ["operation.final", 1],
      ["operation.sent", 2],
    ]);
    for (const { participants } of own) expect(participants).toEqual([1, 2]);
    expect(own[3]?.operation).toMatchObject({ status: "sent", result: null, txHash: hashOf(10_001) });
    expect(own[4]?.operation).toMatchObject({ status: "final", result: { buyerFee: "7" }, blockNumber: 5 });
  });

  it("should end the wait of whoever waits for it", async () => {
    expect(await operations.wait(hashOf(1), 20)).toMatchObject({ status: "final" });
    expect(await operations.wait(hashOf(3), 0.01)).toMatchObject({ status: "accepted" });
  });
});
