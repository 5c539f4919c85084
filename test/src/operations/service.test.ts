import { afterEach, beforeEach, expect, it } from "vitest";

import type { Lane } from "../../../src/db/inbox-tables.js";
import { settle } from "../../../src/chain/outbox/store.js";
import { problemOf } from "../../../src/chain/outbox/problems.js";
import {
  createOperations,
  newOperationId,
  type NewOperation,
  type Operations,
} from "../../../src/operations/service.js";
import { describeEachDatabase, type TestDatabase } from "../../support/database.js";

const make = (differences: Partial<NewOperation> = {}): NewOperation => ({
  id: newOperationId(),
  kind: "transfer",
  lane: "intents",
  request: { tonnes: 1n << 60n },
  payload: { kind: 0, payload: "0x", signature: "0x" },
  ...differences,
});

describeEachDatabase("Operations", (open) => {
  let database: TestDatabase;
  let operations: Operations;
  let kicked: Lane[];
  beforeEach(async () => {
    database = await open();
    kicked = [];
    operations = createOperations({ db: database.db, kick: (lane) => kicked.push(lane) });
  });
  afterEach(() => database.close());

  const rows = () => database.db.selectFrom("operations").selectAll().orderBy("seq").execute();
  const finish = async (id: string): Promise<void> => {
    const ended = await settle(database.db, [
      { id, status: "final", result: { transferId: "1-2" }, txHash: "0x1", blockNumber: 1n },
    ]);
    operations.settled(ended.map((fate) => fate.id));
  };

  it("should be durable and announced when accept resolves, with quantities exact", async () => {
    const id = await operations.accept(make({ account: "0xA", participantId: 3 }));
    expect((await rows()).map((row) => [row.id, row.status, row.request])).toEqual([
      [id, "accepted", { tonnes: "1152921504606846976" }],
    ]);
    expect(kicked).toEqual(["intents"]);
    expect(await operations.get(id)).toMatchObject({
      id,
      status: "accepted",
      participantId: 3,
      links: { transaction: null },
    });
  });

  it("should keep the order of many that come at once", async () => {
    const many = Array.from({ length: 1_200 }, () => make());
    await Promise.all(many.map((operation) => operations.accept(operation)));
    expect((await rows()).map((row) => row.id)).toEqual(many.map(({ id }) => id));
  });

  it("should take the same id again as the same operation", async () => {
    const operation = make();
    expect(await operations.accept(operation)).toBe(await operations.accept(operation));
    await Promise.all([operations.accept(operation), operations.accept(operation)]);
    expect(await rows()).toHaveLength(1);
  });

  it("given one that the database cannot take, it should accept its neighbours", async () => {
    const [good, bad, other] = [make(), make({ request: { note: "\u0000" } }), make()];
    const ends = await Promise.allSettled([good, bad, other].map((operation) => operations.accept(operation)));
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await rows()).toHaveLength(2);
  });

  it("given an idempotency key, it should write both or none, and let the first request win", async () => {
    const idempotency = { principal: "key:1", key: "k", requestHash: "h" };
    const [first, second] = [make({ idempotency }), make({ idempotency })];
    const ends = await Promise.allSettled([operations.accept(first), operations.accept(second)]);
    expect(ends[1]).toMatchObject({ status: "rejected", reason: { code: "idempotency-in-progress" } });
    expect(await operations.findByKey(idempotency)).toBe(first.id);
    expect(await rows()).toHaveLength(1);
    await expect(operations.findByKey({ ...idempotency, requestHash: "x" })).rejects.toMatchObject({
      code: "idempotency-conflict",
    });
  });

  it("should write documents together with the operation", async () => {
    const document = { hash: "0xd", kind: "project", body: { name: "Sông Hàn" }, canonical: '{"name":"Sông Hàn"}' };
    await operations.accept(make({ documents: [document] }));
    await operations.accept(make({ documents: [document] }));
    expect(await database.db.selectFrom("documents").select(["hash", "body"]).execute()).toEqual([
      { hash: "0xd", body: document.body },
    ]);
  });

  it("wait should answer as soon as the operation has ended", async () => {
    const id = await operations.accept(make());
    const waiting = operations.wait(id, 60);
    await finish(id);
    expect(await waiting).toMatchObject({
      status: "final",
      result: { transferId: "1-2" },
      links: { result: "/v1/transfers/1-2" },
    });
    expect((await operations.wait(id, 60))?.status).toBe("final");
  });

  it("wait should notice what another process has ended", async () => {
    const id = await operations.accept(make());
    const waiting = operations.wait(id, 60);
    await settle(database.db, [
      { id, status: "rejected", problem: problemOf(id, "transaction-failed", "no"), txHash: null, blockNumber: null },
    ]);
    expect((await waiting)?.problem?.code).toBe("transaction-failed");
  });

  it("wait should give up when the time is over or the caller is gone", async () => {
    const id = await operations.accept(make());
    expect((await operations.wait(id, 0))?.status).toBe("accepted");
    const gone = new AbortController();
    const waiting = operations.wait(id, 60, gone.signal);
    gone.abort();
    expect((await waiting)?.status).toBe("accepted");
    expect(await operations.wait("unknown", 60)).toBeUndefined();
  });

  it("should never change the fate of what has ended", async () => {
    const id = await operations.accept(make());
    await finish(id);
    const again = await settle(database.db, [{ id, status: "accepted", txHash: null, blockNumber: null }]);
    expect(again).toEqual([]);
    expect((await operations.get(id))?.status).toBe("final");
  });

  it("should list by filter, the newest first, page by page", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++)
      ids.push(await operations.accept(make({ participantId: i % 2, kind: i === 4 ? "retirement" : "transfer" })));
    const idsOf = (list: Awaited<ReturnType<Operations["list"]>>): number[] =>
      list.map(({ view }) => ids.indexOf(view.id));

    const first = await operations.list({}, 2);
    expect(idsOf(first)).toEqual([4, 3]);
    expect(idsOf(await operations.list({}, 2, first[1]!.seq))).toEqual([2, 1]);
    expect(idsOf(await operations.list({ participantId: 0 }, 9))).toEqual([4, 2, 0]);
    expect(idsOf(await operations.list({ kind: "retirement" }, 9))).toEqual([4]);
    expect(idsOf(await operations.list({ status: "final" }, 9))).toEqual([]);
    expect(idsOf(await operations.list({ since: new Date(Date.now() + 60_000) }, 9))).toEqual([]);
  });
});
