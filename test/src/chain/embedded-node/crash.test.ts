import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Connection } from "../../../../src/chain/connection.js";
import type { Harness } from "./support.js";
import { createHarness, createSender, deploySlotWriter, slotWord } from "./support.js";
import { seededRandom } from "../../../support/random.js";

const ROUNDS = 10;
const SENDERS = 4;
const SEED = 20_260_629;

let harness: Harness;
beforeEach(async () => {
  harness = await createHarness();
});
afterEach(async () => {
  await harness.cleanUp();
});

/** Sends one transaction after the other until the node no longer answers; answers the acknowledged hashes. */
async function sendUntilItFails(connection: Connection, seed: number, writer: string): Promise<string[]> {
  const sender = createSender(seed);
  const acknowledged: string[] = [];
  try {
    for (let nonce = Number(await connection.getTransactionCount(sender.address)); ; nonce++) {
      const raw = await sender.sign({ to: writer, data: slotWord(seed * 100_000 + nonce), nonce });
      acknowledged.push(await connection.sendRawTransaction(raw));
    }
  } catch {
    return acknowledged;
  }
}

describe("a node that is killed with -9 at random moments during traffic", () => {
  it("should have every acknowledged transaction exactly once, in blocks that never change", async () => {
    const random = seededRandom(SEED);
    const acknowledged = new Set<string>();
    let blockHashes: string[] = [];
    let { node, connection } = await harness.start();
    const writer = await deploySlotWriter(connection, createSender(1));

    for (let round = 0; round < ROUNDS; round++) {
      const traffic = Array.from(
        { length: SENDERS },
        async (_, s) => await sendUntilItFails(connection, 100 + s, writer),
      );
      await sleep(20 + random() * 400);
      process.kill(node.pid, "SIGKILL");
      for (const hash of (await Promise.all(traffic)).flat()) acknowledged.add(hash);
      expect(await node.onExit).toMatchObject({ signal: "SIGKILL", isExpected: false });

      ({ node, connection } = await harness.start());
      const head = await connection.blockNumber();
      const numbers = Array.from({ length: Number(head) + 1 }, (_, number) => BigInt(number));
      const blocks = await Promise.all(numbers.map(async (number) => await connection.getBlock(number)));
      const hashes = blocks.map((block) => block?.hash ?? "missing");
      expect(hashes.slice(0, blockHashes.length)).toEqual(blockHashes);
      blockHashes = hashes;
      const mined = blocks.flatMap((block) => block?.transactions ?? []);
      const minedOnce = new Set(mined);
      expect(minedOnce.size).toBe(mined.length);
      expect([...acknowledged].filter((hash) => !minedOnce.has(hash))).toEqual([]);
    }
    expect(acknowledged.size).toBeGreaterThan(ROUNDS);
  }, 120_000);
});

/** A process without a parent is a zombie until the system's first process looks; in a container nobody may. */
function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}

describe("a node whose parent is killed with -9", () => {
  it("should end by itself and leave the data directory usable", async () => {
    const start = fileURLToPath(new URL("../../../../src/chain/embedded-node/start.ts", import.meta.url));
    const script =
      `const { startEmbeddedNode } = await import(${JSON.stringify(start)});` +
      `const node = await startEmbeddedNode({ dataDir: ${JSON.stringify(harness.dataDir)}, port: 0 });` +
      "process.send(node.pid);";
    const parent = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const [pid] = (await once(parent, "message")) as [number];
    parent.kill("SIGKILL");

    const { connection } = await harness.start();

    expect(await connection.blockNumber()).toBe(0n);
    await expect.poll(() => hasEnded(pid), { timeout: 10_000 }).toBe(true);
  });

  it("should end by itself when that was before it had begun", async () => {
    const program = fileURLToPath(new URL("../../../../src/chain/embedded-node/child.ts", import.meta.url));
    const settings = JSON.stringify({
      dataDir: join(harness.dataDir, "chain"),
      host: "127.0.0.1",
      port: 0,
      memoryMb: 512,
    });
    const script =
      `const { spawn } = await import("node:child_process");` +
      `const words = ["--import", "tsx", ${JSON.stringify(program)}, ${JSON.stringify(settings)}];` +
      `const node = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "ignore", "ipc"] });` +
      "process.send(node.pid);";
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const [pid] = (await once(parent, "message")) as [number];
    parent.kill("SIGKILL");
    await expect.poll(() => hasEnded(pid), { timeout: 20_000 }).toBe(true);
  });
});

describe("a data directory that is in use", () => {
  it("should refuse a second node", async () => {
    const { node } = await harness.start();

    await expect(harness.start()).rejects.toMatchObject({
      code: "data-directory-in-use",
      message: expect.stringContaining(String(node.pid)) as unknown,
    });
  });
});
