import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { JournalHeader, JournalRecord } from "../../../../src/chain/embedded-node/journal.js";
import { openJournal } from "../../../../src/chain/embedded-node/journal.js";
import { acquireLock } from "../../../../src/chain/embedded-node/lock.js";

const HEADER: JournalHeader = {
  format: "carbon-ledger-journal",
  version: 1,
  chainId: 7,
  genesisHash: `0x${"ab".repeat(32)}`,
  engine: "test",
};
const RECORDS: JournalRecord[] = [
  {
    kind: "transactions",
    first: 0,
    items: [
      [100, "0x01"],
      [100, "0x02"],
    ],
  },
  { kind: "outcomes", first: 0, items: [[1, "0xaa"], null] },
  { kind: "transactions", first: 2, items: [[101, `0x${"03".repeat(600_000)}`]] },
  { kind: "outcomes", first: 2, items: [[2, "0xbb"]] },
];

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "journal-"));
  path = join(directory, "journal.ndjson");
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function writeAll(): Promise<Buffer> {
  const journal = await openJournal(path, HEADER);
  for (const record of RECORDS) await journal.append(record, { sync: record.kind === "transactions" });
  await journal.close();
  return await readFile(path);
}

async function readAll(): Promise<{ records: JournalRecord[]; transactionCount: number; tornBytes: number }> {
  const journal = await openJournal(path, HEADER);
  const records: JournalRecord[] = [];
  for await (const record of journal.records()) records.push(record);
  await journal.close();
  return { records, transactionCount: journal.transactionCount, tornBytes: journal.tornBytes };
}

describe("a journal", () => {
  it("should give back what was appended, however long the records are", async () => {
    await writeAll();

    expect(await readAll()).toEqual({ records: RECORDS, transactionCount: 3, tornBytes: 0 });
  });

  it("should be empty when it is new", async () => {
    expect(await readAll()).toEqual({ records: [], transactionCount: 0, tornBytes: 0 });
  });

  describe("when it ends anywhere in its last record", () => {
    it.each([1, 2, 10, 50])("should cut the record off: %i bytes missing", async (missing) => {
      const whole = await writeAll();
      await writeFile(path, whole.subarray(0, whole.length - missing));

      const { records, tornBytes } = await readAll();

      expect(records).toEqual(RECORDS.slice(0, 3));
      expect(tornBytes).toBeGreaterThan(0);
      expect((await readAll()).tornBytes).toBe(0);
    });

    it("should take new records after the cut", async () => {
      const whole = await writeAll();
      await writeFile(path, whole.subarray(0, whole.length - 5));
      const journal = await openJournal(path, HEADER);
      await journal.append(RECORDS[3] as JournalRecord, { sync: true });
      await journal.close();

      expect(await readFile(path)).toEqual(whole);
    });
  });

  describe("when a byte before the last record is changed", () => {
    it.each([1, 2, 3])("should be refused, naming line %i", async (line) => {
      const lines = (await writeAll()).toString().split("\n");
      lines[line - 1] = (lines[line - 1] ?? "").replace(/.$/, "!");
      await writeFile(path, lines.join("\n"));

      await expect(readAll()).rejects.toMatchObject({
        code: "journal-corrupt",
        message: expect.stringContaining(`line ${line}.`) as unknown,
      });
    });
  });

  describe("when a line is missing or doubled", () => {
    it.each([
      ["missing", (lines: string[]) => lines.toSpliced(1, 1)],
      ["doubled", (lines: string[]) => lines.toSpliced(1, 0, lines[1] ?? "")],
    ])("should be refused: %s", async (_, change) => {
      const lines = (await writeAll()).toString().split("\n");
      await writeFile(path, change(lines).join("\n"));

      await expect(readAll()).rejects.toMatchObject({ code: "journal-corrupt" });
    });
  });

  describe("when it belongs to another chain", () => {
    it.each([
      ["id", { ...HEADER, chainId: 8 }],
      ["genesis", { ...HEADER, genesisHash: `0x${"cd".repeat(32)}` }],
    ])("should be refused: other chain %s", async (_, header) => {
      await writeAll();

      await expect(openJournal(path, header)).rejects.toMatchObject({ code: "foreign-chain" });
    });

    it("should be refused when only the header is there", async () => {
      const json = JSON.stringify({ ...HEADER, chainId: 8 });
      await writeFile(path, `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`);

      await expect(openJournal(path, HEADER)).rejects.toMatchObject({ code: "foreign-chain" });
    });
  });
});

describe("a lock", () => {
  it.each([
    ["of a process that is gone", "4194303 1@x"],
    ["of a process id that another process has by now", "1 0@another-boot"],
    ["that a crash left empty", ""],
  ])("should be taken over when it is one %s", async (_, content) => {
    const file = join(directory, "lock");
    await writeFile(file, content);

    const lock = await acquireLock(file);

    expect(await readFile(file, "utf8")).toMatch(new RegExp(`^${process.pid} `));
    await lock.release();
    await expect(readFile(file)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
