import { afterEach, beforeEach, expect, it } from "vitest";

import { problemOf } from "../../../src/chain/outbox/problems.js";
import { persistSigned, settle, type Fate } from "../../../src/chain/outbox/store.js";
import { checkKept, createEventLog, type EventLog } from "../../../src/notifications/event-log.js";
import type { OperationEvent } from "../../../src/notifications/events.js";
import { createOperations, newOperationId, type Operations } from "../../../src/operations/service.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";

const HASH = `0x${"a".repeat(64)}`;

describeEachDatabase("The log of operations", (open) => {
  let database: TestDatabase;
  let operations: Operations;
  let log: EventLog;
  beforeEach(async () => {
    database = await open();
    operations = createOperations({ db: database.db, kick: () => undefined });
    log = createEventLog(database.db);
  });
  afterEach(() => database.close());

  const accept = (participantId = 1): Promise<string> =>
    operations.accept({
      id: newOperationId(),
      kind: "transfer",
      lane: "intents",
      participantId,
      request: {},
      payload: {},
    });
  const final = (id: string): Fate => ({
    id,
    status: "final",
    result: { transferId: "1-2" },
    txHash: HASH,
    blockNumber: 7n,
  });
  const rejected = (id: string): Fate => ({
    id,
    status: "rejected",
    problem: problemOf(id, "transaction-failed", "no"),
    txHash: null,
    blockNumber: null,
  });
  const send = (ids: readonly string[]): Promise<void> =>
    persistSigned(database.db, [
      { transaction: { hash: HASH, sender: "0x1", nonce: 0n, raw: "0x", lane: "intents" }, operationIds: ids },
    ]);

  async function all(after = 0): Promise<OperationEvent[]> {
    await log.number();
    const events: OperationEvent[] = [];
    for (let at = after; ;) {
      const page = await log.after(at);
      if (page.last === at) return events;
      events.push(...page.events);
      at = page.last;
    }
  }

  it("should tell of each the transaction that it was sent in, when several were written down together", async () => {
    const ids = await Promise.all([accept(1), accept(2), accept(3)]);
    const hashOf = (place: number): string => `0x${String(place).repeat(64)}`;
    const carrying = ids.map((id, place) => ({
      transaction: { hash: hashOf(place), sender: "0x1", nonce: BigInt(place), raw: "0x", lane: "intents" as const },
      operationIds: [id],
    }));
    await persistSigned(database.db, carrying);
    await settle(database.db, [
      ...ids.slice(0, 2).map((id, place) => ({ ...final(id), txHash: hashOf(place) })),
      rejected(ids[2]),
    ]);

    const told = (await all()).map(({ type, operation: { id, txHash } }) => [type, id, txHash]);
    const sent = ids.map((id, place) => ["operation.sent", id, hashOf(place)]);
    expect(told.filter(([type]) => type === "operation.sent")).toEqual(expect.arrayContaining(sent));
    expect(told.filter(([type]) => type === "operation.final").toSorted()).toEqual(
      [0, 1].map((place) => ["operation.final", ids[place], hashOf(place)]).toSorted(),
    );
    expect(told.filter(([type]) => type === "operation.rejected")).toEqual([["operation.rejected", ids[2], null]]);
  });

  it("should tell each change of each operation once, in order, as it was then", async () => {
    const ids = await Promise.all([accept(1), accept(2), accept(3)]);
    await send(ids);
    await settle(database.db, [final(ids[0]), rejected(ids[1]), final(ids[2])]);

    const events = await all();
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const [place, id] of ids.entries()) {
      const own = events.filter((event) => event.operation.id === id);
      const end = place === 1 ? "operation.rejected" : "operation.final";
      expect(own.map(({ type }) => type)).toEqual(["operation.accepted", "operation.sent", end]);
      expect(own.map(({ operation }) => operation.status)).toEqual(["accepted", "sent", end.split(".")[1]]);
      expect(own.map(({ operation }) => operation.txHash)).toEqual([null, HASH, place === 1 ? null : HASH]);
      expect(own.map(({ operation }) => operation.blockNumber)).toEqual([null, null, place === 1 ? null : 7]);
      expect(own.map(({ participants }) => participants)).toEqual([[place + 1], [place + 1], [place + 1]]);
    }
    expect(await all()).toEqual(events);
    expect(await all(5)).toEqual(events.slice(5));
  });

  it("should tell nothing of what did not happen", async () => {
    const id = await accept();
    await accept().catch(() => undefined);
    await settle(database.db, [rejected(id)]);
    await settle(database.db, [final(id)]);
    await settle(database.db, [{ id, status: "accepted", txHash: null, blockNumber: null }]);
    await expect(send([id])).rejects.toThrow(/Another process/);
    expect((await all()).map(({ type }) => type)).toEqual([
      "operation.accepted",
      "operation.accepted",
      "operation.rejected",
    ]);
  });

  it("should give every number once when several processes count at the same time", async () => {
    const other = createEventLog(database.db);
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([...Array.from({ length: 40 }, () => accept()), log.number(), other.number()]);
    }
    const events = await all();
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 200 }, (_, place) => place + 1));
    expect(new Set(events.map(({ operation }) => operation.id)).size).toBe(200);
  });

  it("should read what is long in pages", async () => {
    for (let round = 0; round < 3; round += 1) await Promise.all(Array.from({ length: 400 }, () => accept()));
    expect(await log.number()).toBe(1_201);
    const first = await log.after(0);
    expect(first.events.length).toBeLessThan(1_000);
    expect((await all()).length).toBe(1_200);
    expect((await log.after(1_150)).events.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 50 }, (_, place) => 1_151 + place),
    );
  });

  it("should forget what is old, and say so to who comes back for it", async () => {
    await accept();
    await log.number();
    await log.prune(new Date(Date.now() + 60_000));
    expect(await log.bounds()).toEqual({ oldest: 2, next: 2 });
    expect((await all()).length).toBe(0);
    expect(() => checkKept(1, { oldest: 2, next: 2 })).not.toThrow();

    await accept();
    await log.number();
    const bounds = await log.bounds();
    expect(bounds).toEqual({ oldest: 2, next: 3 });
    expect(() => checkKept(0, bounds)).toThrow(expect.objectContaining({ code: "stream-too-old" }));
    expect(() => checkKept(3, bounds)).toThrow(expect.objectContaining({ code: "stream-too-old" }));
    expect(() => checkKept(2, bounds)).not.toThrow();
  });

  it("should keep what has no number, however old", async () => {
    await accept();
    await log.prune(new Date(Date.now() + 60_000));
    expect((await all()).length).toBe(1);
  });
});
