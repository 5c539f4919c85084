import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createClient } from "../../../src/client/client.js";
import type { MarketStreamEvent } from "../../../src/client/market-types.js";
import type { MarketEvent, OrderUpdate } from "../../../src/market/ports.js";
import { testDatabase, type TestDatabase } from "../../support/database.js";
import { readStream, type StreamReader } from "../../support/event-stream.js";
import { bearer, MORNING, startMarketStage, tradeFate, type MarketStage } from "../../support/market-stage.js";

const HASH = (digit: string): string => `0x${digit.repeat(64)}`;
const ACCOUNT = "0x0000000000000000000000000000000000000001";

const opened = (price: number, tonnes: number): MarketEvent => ({
  type: "opened",
  order: HASH("b"),
  side: "sell",
  price,
  tonnes,
});
const traded = (price: number, tonnes: number, makerLeft: number, trade = HASH("1")): MarketEvent => ({
  type: "traded",
  trade,
  taker: HASH("a"),
  maker: HASH("b"),
  aggressor: "buy",
  price,
  tonnes,
  makerLeft,
  mode: "book",
});
const order = (participantId: number, trade: string | null, change: object = {}): OrderUpdate => ({
  seq: 1,
  at: MORNING,
  order: {
    hash: HASH("a"),
    number: 1,
    account: ACCOUNT,
    participantId,
    batch: "A-1",
    side: "buy",
    tonnes: 5,
    filledTonnes: 0,
    price: 136_000,
    status: "open",
    reason: null,
    ...change,
  },
  trade,
});
let database: TestDatabase;
let stage: MarketStage;
const readers: StreamReader[] = [];

beforeEach(async () => {
  database = await testDatabase();
  stage = await startMarketStage(database);
  await stage.list("A-1");
  await stage.define("A-1");
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await stage.close();
  await database.close();
});

async function read(path: string, headers: Record<string, string> = {}): Promise<StreamReader> {
  const reader = await readStream(`${stage.url}/v1/${path}`, headers);
  readers.push(reader);
  return reader;
}

const market = (query = "", headers = {}) => read(`instruments/A-1/stream${query}`, headers);
const own = (query = "", who = "firm1", headers = {}) => read(`orders/stream${query}`, { ...bearer(who), ...headers });

describe("the stream of a market", () => {
  it("should begin with the book, and tell each change as it is after it", async () => {
    stage.tell("A-1", MORNING, opened(136_000, 5), opened(137_000, 1));
    const reader = await market();
    const snapshot = await reader.next();
    expect(snapshot).toMatchObject({
      event: "snapshot",
      data: {
        batch: "A-1",
        bids: [],
        asks: [
          { price: "136000", tonnes: "5", orders: 1 },
          { price: "137000", tonnes: "1", orders: 1 },
        ],
      },
    });
    const first = snapshot!.data.sequence as number;
    expect((await stage.get("/v1/instruments/A-1/book?levels=1")).body).toEqual({
      batch: "A-1",
      sequence: first,
      bids: [],
      asks: [{ price: "136000", tonnes: "5", orders: 1 }],
    });

    stage.tell("A-1", MORNING + 1, opened(136_000, 2));
    stage.tell("A-1", MORNING + 2, traded(136_000, 5, 0), traded(136_000, 2, 0, HASH("2")));
    stage.tellFate(tradeFate({ id: HASH("2"), status: "failed" }));
    expect(await reader.next()).toEqual({
      id: String(first + 1),
      event: "delta",
      data: {
        sequence: first + 1,
        at: "2026-06-29T02:00:00.001Z",
        levels: [{ side: "sell", price: "136000", tonnes: "7", orders: 2 }],
      },
    });
    const trade = { mode: "book", price: "136000", aggressor: "buy" };
    expect((await reader.next())!.data).toEqual({
      sequence: first + 2,
      at: "2026-06-29T02:00:00.002Z",
      levels: [{ side: "sell", price: "136000", tonnes: "0", orders: 0 }],
      trades: [
        { id: HASH("1"), tonnes: "5", value: "680000", ...trade },
        { id: HASH("2"), tonnes: "2", value: "272000", ...trade },
      ],
    });
    expect(await reader.next()).toMatchObject({ event: "settlement", data: { trade: HASH("2"), status: "failed" } });
  });

  it("should tell a halt, and nothing of other markets", async () => {
    const reader = await market();
    stage.tell("B-1", MORNING, opened(1, 1));
    await stage.post("/v1/instruments/A-1/halt", { reason: "a rumour" }, bearer("guardian"));
    await reader.next();
    expect(await reader.next()).toMatchObject({ event: "state", data: { state: "halted", reason: "a rumour" } });
  });

  it("should go on after the event that a reader names, in whichever way", async () => {
    const { sequence } = (await stage.get("/v1/instruments/A-1/book")).body as { sequence: number };
    for (let i = 1; i <= 3; i++) stage.tell("A-1", MORNING + i, opened(136_000, i));
    for (const reader of [
      await market(`?from=${sequence + 1}`),
      await market("", { "last-event-id": String(sequence + 1) }),
      await market(`?from=${sequence}`, { "last-event-id": String(sequence + 1) }),
    ]) {
      expect([(await reader.next())!.id, (await reader.next())!.id]).toEqual([`${sequence + 2}`, `${sequence + 3}`]);
    }
  });

  it("should refuse to go on after what is too old or not there, or begin anew when asked to", async () => {
    const { sequence } = (await stage.get("/v1/instruments/A-1/book")).body as { sequence: number };
    for (let i = 1; i <= 2_001; i++) stage.tell("A-1", MORNING + i, opened(136_000, 1));
    for (const from of [sequence, sequence + 9_999, 0]) {
      const refused = await stage.get(`/v1/instruments/A-1/stream?from=${from}`);
      expect([refused.status, refused.body.code]).toEqual([410, "stream-too-old"]);
    }
    const reader = await market(`?from=${sequence}&gap=snapshot`);
    expect(await reader.next()).toMatchObject({ event: "snapshot", data: { asks: [{ orders: 2_001 }] } });
  });
});

describe("the stream of own orders", () => {
  it("should be for participants only", async () => {
    expect((await stage.get("/v1/orders/stream")).status).toBe(401);
    expect((await stage.get("/v1/orders/stream", bearer("operator"))).status).toBe(403);
  });

  it("should tell a firm its own orders, fills and settlements, and nobody else's", async () => {
    const [first, second] = [await own(), await own("", "firm2")];
    expect((await first.next())!.data).toMatchObject({ session: null, isComplete: true });
    await second.next();
    const id = await stage.trade({ price: 136_000n, tonnes: 3n, at: MORNING });
    stage.tellOrder(order(1, null));
    stage.tell("A-1", MORNING, traded(136_000, 3, 0, id));
    stage.tellOrder(order(1, id, { filledTonnes: 3 }));
    stage.tellFate(tradeFate({ id, status: "settled", buyerFee: 0n, sellerFee: 0n }));

    expect(await first.next()).toMatchObject({ event: "order", data: { order: { id: HASH("a"), status: "open" } } });
    expect(await first.next()).toMatchObject({
      event: "fill",
      data: { order: { filledTonnes: "3" }, fill: { trade: id, price: "136000", tonnes: "3" } },
    });
    expect(await first.next()).toMatchObject({
      event: "settlement",
      data: { trade: id, side: "buy", order: HASH("a"), status: "settled", problem: null },
    });
    expect(await second.next()).toMatchObject({
      event: "settlement",
      data: { trade: id, side: "sell", order: HASH("b") },
    });
  });

  it("should say why a trade failed, to both sides", async () => {
    const readers = [await own(), await own("", "firm2")];
    const id = await stage.trade({ price: 136_000n, tonnes: 3n, at: MORNING, status: "failed" });
    const { body } = await stage.get("/v1/nothing");
    stage.tellFate(tradeFate({ id, status: "failed", problem: { ...body, code: "participant-suspended" } }));
    for (const reader of readers) {
      const { data } = (await reader.nextOf("settlement"))!;
      expect([data.status, data.problem.code]).toEqual(["failed", "participant-suspended"]);
    }
  });

  it("should open a session for orders that shall not outlive it, and close it with the stream", async () => {
    const reader = await own("?cancelOnDisconnect=true");
    const { session } = (await reader.next())!.data;
    expect(stage.sessions).toEqual([`open 1 ${session}`]);
    reader.close();
    await expect.poll(() => stage.sessions.at(-1)).toBe(`close ${session}`);
  });

  it("should go on where a reader was, or say that something was missed", async () => {
    const reader = await own();
    const { sequence } = (await reader.next())!.data as { sequence: number };
    stage.tellOrder(order(1, null));
    stage.tellOrder(order(1, null, { status: "cancelled", reason: "cancelled" }));
    const again = await own(`?from=${sequence + 1}`);
    expect((await again.next())!.data).toEqual({ sequence: sequence + 1, session: null, isComplete: true });
    expect((await again.next())!.data).toMatchObject({ sequence: sequence + 2, order: { status: "cancelled" } });
    const missed = await own("?from=1&gap=snapshot");
    expect((await missed.next())!.data).toEqual({ sequence: sequence + 2, session: null, isComplete: false });
    expect((await stage.get("/v1/orders/stream?from=1", bearer("firm1"))).status).toBe(410);
  });
});

describe("the client of a stream", () => {
  /** Cuts each connection after the head and `bytes` of its body. */
  function cutting(bytes: number): { fetch: typeof fetch; connections(): number } {
    let connections = 0;
    const cut: typeof fetch = async (...request) => {
      const response = await fetch(...request);
      connections++;
      let left = bytes;
      const body = response.body!.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            controller.enqueue(chunk.subarray(0, left));
            left -= chunk.length;
            if (left <= 0) controller.error(new Error("The line is dead"));
          },
        }),
      );
      return new Response(body, { status: response.status, headers: response.headers });
    };
    return { fetch: cut, connections: () => connections };
  }

  it("should come back after every loss, and give each event once and in order", async () => {
    const line = cutting(900);
    const client = createClient({ baseUrl: stage.url, fetch: line.fetch, sleep: async () => undefined });
    const seen: MarketStreamEvent[] = [];
    let told = 0;
    for await (const event of client.instruments.stream("A-1", { attempts: 50 })) {
      seen.push(event);
      if (seen.length > 40) break;
      if (told < 40) stage.tell("A-1", MORNING + told, opened(136_000, ++told));
    }
    const sequences = seen.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, place) => sequences[0]! + place));
    expect(seen.map(({ event }) => event)).toEqual(["snapshot", ...Array<string>(40).fill("delta")]);
    expect(line.connections()).toBeGreaterThan(5);
  });

  it("should begin anew when it was away for too long", async () => {
    const client = createClient({ baseUrl: stage.url });
    for await (const event of client.instruments.stream("A-1", { from: 1 })) {
      expect(event.event).toBe("snapshot");
      break;
    }
  });

  it("should end when it is told to, and throw what is refused for good", async () => {
    const client = createClient({ baseUrl: stage.url });
    const stop = new AbortController();
    for await (const _ of client.instruments.stream("A-1", { signal: stop.signal })) stop.abort();
    const refused = client.instruments.stream("NO-1").next();
    await expect(refused).rejects.toMatchObject({ code: "not-found" });
  });
});
