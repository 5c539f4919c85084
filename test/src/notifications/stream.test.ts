import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { problemOf } from "../../../src/chain/outbox/problems.js";
import { settle } from "../../../src/chain/outbox/store.js";
import { createEventLog } from "../../../src/notifications/event-log.js";
import { createOperations, newOperationId } from "../../../src/operations/service.js";
import { readStream, type SeenEvent, type StreamReader } from "../../support/event-stream.js";
import { startTestService, type SelfCustodyFirm, type TestFirm, type TestService } from "../../support/service.js";

const BATCH = "NOTICE-2024";

let stage: TestService;
let firm: TestFirm;
let other: SelfCustodyFirm;
const readers: StreamReader[] = [];

beforeAll(async () => {
  stage = await startTestService();
  firm = await stage.managedFirm();
  other = await stage.firm();
  await stage.ledger.issueBatch({ code: BATCH, recipient: firm.account, tonnes: 10_000 });
  await stage.synced();
});
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});
afterAll(() => stage.close());

async function follow(key: { authorization: string }, query = "", headers: Record<string, string> = {}) {
  const reader = await readStream(`${stage.url}/v1/notifications${query}`, { ...key, ...headers });
  readers.push(reader);
  const ready = await reader.next();
  expect(ready?.event).toBe("ready");
  return { reader, ready: ready! };
}

async function transfer(): Promise<string> {
  const answer = await stage.post("/v1/transfers", { to: other.account, batch: BATCH, tonnes: "1" }, firm.key);
  return answer.body.id as string;
}

/** Events of one operation up to its end. */
async function untilEnd(reader: StreamReader, id: string): Promise<SeenEvent[]> {
  const seen: SeenEvent[] = [];
  for (;;) {
    const event = await reader.next();
    if (event === undefined) throw new Error("The stream has ended");
    if (event.data.operation.id !== id) continue;
    seen.push(event);
    if (["operation.final", "operation.rejected"].includes(event.event)) return seen;
  }
}

describe("GET /v1/notifications", () => {
  it("should need a key, and show a participant its own only", async () => {
    expect((await stage.get("/v1/notifications")).status).toBe(401);
    expect((await stage.get(`/v1/notifications?participantId=${other.id}`, firm.key)).body.code).toBe("forbidden");
    expect((await stage.get("/v1/notifications?types=operation.lost", firm.key)).body.code).toBe("validation-failed");
  });

  it("should tell the life of an operation as it happens", async () => {
    const { reader } = await follow(firm.key);
    const id = await transfer();
    const seen = await untilEnd(reader, id);
    expect(seen.map(({ event }) => event)).toEqual(["operation.accepted", "operation.sent", "operation.final"]);
    expect(seen.map(({ id: name, data }) => name === String(data.sequence))).toEqual([true, true, true]);
    const now = await stage.get(`/v1/operations/${id}`);
    expect(seen[2]!.data.operation).toEqual(now.body);
    expect(seen[1]!.data.operation).toMatchObject({ status: "sent", txHash: now.body.txHash, result: null });
  });

  it("should let whoever saw `operation.final` read what came of it", async () => {
    const { reader } = await follow(firm.key, "?types=operation.final");
    await transfer();
    const { data } = (await reader.next())!;
    expect((await stage.get(data.operation.links.result, firm.key)).status).toBe(200);
  });

  it("should tell a rejection with its problem, whoever wrote it", async () => {
    const { reader } = await follow(firm.key, "?types=operation.rejected&kinds=deposit");
    const operations = createOperations({ db: stage.db, kick: () => undefined });
    const id = newOperationId();
    await operations.accept({
      id,
      kind: "deposit",
      lane: "institution:0x0",
      participantId: firm.id,
      request: {},
      payload: {},
    });
    const problem = problemOf(id, "transaction-failed", "no");
    await settle(stage.db, [{ id, status: "rejected", problem, txHash: null, blockNumber: null }]);
    expect((await reader.next())!.data.operation).toMatchObject({ id, problem: { code: "transaction-failed" } });
  });

  it("should keep what is another firm's from a participant, and show it to an auditor", async () => {
    const auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
    const [foreign, all] = [await follow(other.key), await follow(auditor, `?participantId=${firm.id}`)];
    const id = await transfer();
    expect(await untilEnd(all.reader, id)).toHaveLength(3);
    const reads = await stage.db
      .selectFrom("access_log")
      .select("route")
      .where("route", "=", "/notifications")
      .execute();
    expect(reads).toHaveLength(1);
    foreign.reader.close();
    expect(await foreign.reader.next()).toBeUndefined();
  });

  it("given the last event that was seen, it should go on after it, and miss nothing", async () => {
    const { reader, ready } = await follow(firm.key);
    const ids = [await transfer(), await transfer(), await transfer()];
    const first = await untilEnd(reader, ids[0]!);
    reader.close();
    await Promise.all(ids.map((id) => stage.get(`/v1/operations/${id}`, { prefer: "wait=20" })));

    const all = await follow(firm.key, `?from=${ready.id!}`);
    const whole: SeenEvent[] = [];
    while (whole.length < 9) whole.push((await all.reader.next())!);
    expect(new Set(whole.map(({ data }) => data.operation.id))).toEqual(new Set(ids));

    const last = first.at(-1)!.id!;
    const again = await follow(firm.key, "?from=0", { "last-event-id": last });
    expect(again.ready.data).toEqual({ sequence: Number(last), isComplete: true });
    const rest = whole.filter(({ data }) => data.sequence > Number(last));
    for (const event of rest) expect(await again.reader.next()).toEqual(event);
  });

  it("given an event that is gone, or never was, it should refuse, or say what was missed", async () => {
    const { ready } = await follow(firm.key);
    const future = await stage.get("/v1/notifications?from=999999999", firm.key);
    expect([future.status, future.body.code]).toEqual([410, "stream-too-old"]);

    await createEventLog(stage.db).prune(new Date(Date.now() + 60_000));
    const gone = await stage.get("/v1/notifications?from=1", firm.key);
    expect([gone.status, gone.body.code]).toEqual([410, "stream-too-old"]);
    expect((await stage.get("/v1/notifications", { ...firm.key, "last-event-id": "x" })).body.code).toBe(
      "header-invalid",
    );

    const anew = await follow(firm.key, "?from=1&gap=snapshot");
    expect(anew.ready.data).toEqual({ sequence: ready.data.sequence, isComplete: false });
    await untilEnd(anew.reader, await transfer());
  });

  it("should serve many readers who come at different moments the same", async () => {
    const { ready } = await follow(firm.key);
    const streams = [];
    const ids: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      ids.push(await transfer());
      streams.push(await follow(firm.key, `?from=${ready.id!}&types=operation.final`));
    }
    const seen = await Promise.all(
      streams.map(async ({ reader }) => {
        const sequences: number[] = [];
        while (sequences.length < ids.length) sequences.push((await reader.next())!.data.sequence);
        return sequences;
      }),
    );
    for (const sequences of seen) expect(sequences).toEqual(seen[0]);
    expect(seen[0]).toEqual(seen[0]!.toSorted((a, b) => a - b));
  });
});
