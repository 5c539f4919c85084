import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Connection } from "../../../../src/chain/connection.js";
import type { Harness } from "./support.js";
import { createHarness, createSender, deploySlotWriter, slotWord } from "./support.js";

const TRANSACTIONS = 12;

let harness: Harness;
beforeEach(async () => {
  harness = await createHarness();
});
afterEach(async () => {
  await harness.cleanUp();
});

/** Everything that a restart must not change. */
async function snapshot(connection: Connection, writer: string): Promise<unknown[]> {
  const head = await connection.blockNumber();
  const all: unknown[] = [];
  for (let number = 0n; number <= head; number++) {
    all.push(await connection.request("eth_getBlockByNumber", [`0x${number.toString(16)}`, true]));
    all.push(await connection.getProof(writer, [slotWord(1), slotWord(5)], number));
  }
  all.push(await connection.getLogs({ fromBlock: 0n, toBlock: "latest", address: writer }));
  return all;
}

async function writeSlots(connection: Connection): Promise<string> {
  const sender = createSender(7);
  const writer = await deploySlotWriter(connection, sender);
  for (let slot = 1; slot < TRANSACTIONS; slot++) {
    await connection.sendRawTransaction(await sender.sign({ to: writer, data: slotWord(slot), nonce: slot }));
  }
  return writer;
}

describe("a chain with history", () => {
  describe("when the node is stopped and started again", () => {
    it("should serve the same blocks, state roots, logs and proofs of old blocks", async () => {
      const first = await harness.start();
      const writer = await writeSlots(first.connection);
      const before = await snapshot(first.connection, writer);
      await first.node.stop();

      const progress: number[] = [];
      const second = await harness.start({ onProgress: ({ replayed, total }) => progress.push(replayed, total) });

      expect(await snapshot(second.connection, writer)).toEqual(before);
      expect(second.node.blocks).toBe(TRANSACTIONS);
      expect(progress).toEqual([TRANSACTIONS, TRANSACTIONS]);
      const old = await second.connection.getProof(writer, [slotWord(5)], 3n);
      const present = await second.connection.getProof(writer, [slotWord(5)], "latest");
      expect([old.storageProof[0]?.value, present.storageProof[0]?.value]).toEqual([0n, 1n]);
    });

    it("should go on from where it was, in the present time", async () => {
      const first = await harness.start();
      const writer = await writeSlots(first.connection);
      await first.node.stop();
      const second = await harness.start();
      const sender = createSender(7);

      const raw = await sender.sign({ to: writer, data: slotWord(99), nonce: TRANSACTIONS });
      const receipt = await second.connection.getReceipt(await second.connection.sendRawTransaction(raw));

      expect(receipt).toMatchObject({ succeeded: true, blockNumber: BigInt(TRANSACTIONS + 1) });
      const block = await second.connection.getBlock("latest");
      expect(Number(block?.timestamp)).toBeGreaterThan(Date.now() / 1000 - 300);
    });
  });

  describe("when the end of the journal is torn", () => {
    it("should cut it off and keep everything before", async () => {
      const first = await harness.start();
      const writer = await writeSlots(first.connection);
      const before = await snapshot(first.connection, writer);
      await first.node.stop();
      await appendFile(
        join(harness.dataDir, "chain", "journal.ndjson"),
        '0badc0de {"kind":"transactions","first":12,"it',
      );

      const second = await harness.start();

      expect(await snapshot(second.connection, writer)).toEqual(before);
    });

    it("should run transactions that were written down but whose outcome was not", async () => {
      const first = await harness.start();
      const writer = await writeSlots(first.connection);
      const before = await snapshot(first.connection, writer);
      await first.node.stop();
      const path = join(harness.dataDir, "chain", "journal.ndjson");
      const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
      await truncate(path, Buffer.byteLength(lines.slice(0, -1).join("\n") + "\n"));

      const second = await harness.start();

      expect(await snapshot(second.connection, writer)).toEqual(before);
      await second.node.stop();
      expect((await readFile(path, "utf8")).trimEnd().split("\n")).toEqual(lines);
    });
  });

  describe("when the journal is damaged in the middle", () => {
    it("should refuse to start and name the line", async () => {
      const first = await harness.start();
      await writeSlots(first.connection);
      await first.node.stop();
      const path = join(harness.dataDir, "chain", "journal.ndjson");
      const lines = (await readFile(path, "utf8")).split("\n");
      lines[6] = (lines[6] ?? "").replace(/.(?=.{20}$)/, (character) => (character === "0" ? "1" : "0"));
      await writeFile(path, lines.join("\n"));

      await expect(harness.start()).rejects.toMatchObject({
        code: "journal-corrupt",
        message: expect.stringContaining("line 7") as unknown,
      });
    });
  });
});
