import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ABANDONED_DAYS, COMPLETE_DAYS, createExports, type Exports } from "../../../src/exports/service.js";
import { measured, type Measures } from "../../../src/exports/stream.js";
import type { OpenDatabase } from "../../../src/db/connection.js";
import { ANONYMOUS, type KeyHolder } from "../../../src/principal.js";
import { testDatabase } from "../../support/database.js";

const KEY: KeyHolder = { kind: "key", keyId: "k1", scope: "admin", participantId: null, role: null, account: null };
const DOMAIN = { chainId: "31337", contract: `0x${"11".repeat(20)}` };

async function* pieces(count: number, onEnd: () => void = () => undefined): AsyncGenerator<Uint8Array> {
  try {
    for (let i = 0; i < count; i += 1) yield Buffer.from(`piece ${i}`);
  } finally {
    onEnd();
  }
}

function watched(source: AsyncGenerator<Uint8Array>, patienceMs = 10_000) {
  const calls: (Measures | "abandoned")[] = [];
  const body = measured(source, {
    patienceMs,
    complete: async (measures) => void calls.push(measures),
    abandon: async () => void calls.push("abandoned"),
  });
  return { calls, body };
}

describe("measured", () => {
  it("should count and hash what it hands out, before it tells the end", async () => {
    const { calls, body } = watched(pieces(3));
    let text = "";
    for await (const piece of body) {
      expect(calls).toEqual([]);
      text += Buffer.from(piece).toString();
    }
    const sha256 = `0x${createHash("sha256").update(text).digest("hex")}`;
    expect(calls).toEqual([{ bytes: BigInt(text.length), sha256 }]);
  });

  it("should end the source when the reader leaves, also before the first piece", async () => {
    let ended = 0;
    const { calls, body } = watched(pieces(3, () => (ended += 1)));
    for await (const _ of body) break;
    expect({ calls, ended }).toEqual({ calls: ["abandoned"], ended: 1 });
    const unread = watched(pieces(3));
    await unread.body[Symbol.asyncIterator]().return?.();
    expect(unread.calls).toEqual(["abandoned"]);
  });

  it("should abandon what fails", async () => {
    const { calls, body } = watched(
      (async function* () {
        yield Buffer.from("one");
        throw new Error("no more");
      })(),
    );
    await expect(async () => {
      for await (const _ of body);
    }).rejects.toThrow("no more");
    expect(calls).toEqual(["abandoned"]);
  });

  it("should not wait for a reader for ever", async () => {
    const { calls, body } = watched(pieces(3), 20);
    const iterator = body[Symbol.asyncIterator]();
    await iterator.next();
    await sleep(100);
    expect(calls).toEqual(["abandoned"]);
    await expect(iterator.next()).rejects.toThrow("too slow");
  });
});

describe("exports at once", () => {
  let database: OpenDatabase;
  let exports: Exports;
  beforeEach(async () => {
    database = await testDatabase();
    exports = createExports({
      db: database.db,
      domain: DOMAIN,
      service: { address: `0x${"22".repeat(20)}`, signDigest: async () => `0x${"33".repeat(65)}` },
      logger: { warn: () => undefined },
    });
  });
  afterEach(() => database.close());

  const open = (principal: typeof ANONYMOUS | KeyHolder) =>
    exports.open({
      principal,
      subject: "retirements",
      format: "csv",
      query: {},
      moment: { blockNumber: 7n, blockHash: `0x${"44".repeat(32)}`, timestamp: 1n },
      columns: [{ name: "id", kind: "integer", of: (id: bigint) => id }],
      pages: (async function* () {
        yield [1n, 2n];
      })(),
    });

  it("should keep places for those who have a key, and give a place back at the end", async () => {
    const first = await open(ANONYMOUS);
    await open(ANONYMOUS);
    await expect(open(ANONYMOUS)).rejects.toMatchObject({ code: "too-many-exports" });
    await open(KEY);
    await open(KEY);
    await expect(open(KEY)).rejects.toMatchObject({ code: "too-many-exports" });

    expect((await exports.get(ANONYMOUS, first.id)).status).toBe("running");
    for await (const _ of first.body);
    expect(await exports.get(ANONYMOUS, first.id)).toMatchObject({ status: "complete", manifest: { rows: "2" } });
    const again = await open(KEY);
    await again.body[Symbol.asyncIterator]().return?.();
    expect(await exports.get(KEY, again.id)).toMatchObject({ status: "abandoned", manifest: null });
    await expect(exports.get(ANONYMOUS, again.id)).rejects.toMatchObject({ code: "not-found" });
  });

  it("should know after a start that what another process left behind will not end", async () => {
    const { id } = await open(KEY);
    exports.start();
    await expect.poll(async () => (await exports.get(KEY, id)).status).toBe("abandoned");
    await exports.stop();
  });

  it("should forget old exports, the sooner without a manifest, and none that is being read", async () => {
    const [complete, abandoned, running] = [await open(KEY), await open(KEY), await open(KEY)];
    for await (const _ of complete.body);
    await abandoned.body[Symbol.asyncIterator]().return?.();
    const known = async (): Promise<string[]> => {
      const { items } = await exports.list(KEY, { limit: 10 });
      return items.map(({ id }) => id);
    };
    const inDays = (days: number): number => Date.now() + days * 86_400_000;

    await exports.sweep(inDays(ABANDONED_DAYS - 1));
    expect(await known()).toEqual([running.id, abandoned.id, complete.id].toSorted().reverse());
    await exports.sweep(inDays(ABANDONED_DAYS + 1));
    expect(await known()).toEqual([running.id, complete.id].toSorted().reverse());
    await exports.sweep(inDays(COMPLETE_DAYS + 1));
    expect(await known()).toEqual([running.id]);
  });
});
