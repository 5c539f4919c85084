import { open, rename, stat, writeFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";

import { EmbeddedNodeError } from "./errors.js";
import { readLines } from "./lines.js";

/** First record: which chain this is. `engine` only explains a mismatch; another version may well replay equally. */
export interface JournalHeader {
  readonly format: "carbon-ledger-journal";
  readonly version: 1;
  readonly chainId: number;
  readonly genesisHash: string;
  readonly engine: string;
}

/** Written and synced before the transactions run. `first` counts all transactions of the journal from 0. */
export interface TransactionsRecord {
  readonly kind: "transactions";
  readonly first: number;
  /** Block time (unix seconds) and signed transaction. */
  readonly items: readonly (readonly [timestamp: number, raw: string])[];
}

/** Written after the transactions ran: the block of each one, or null where the node refused it. */
export interface OutcomesRecord {
  readonly kind: "outcomes";
  readonly first: number;
  readonly items: readonly (readonly [blockNumber: number, blockHash: string] | null)[];
}

export type JournalRecord = TransactionsRecord | OutcomesRecord;

/**
 * An append-only file, one record a line: checksum (CRC-32, 8 hex digits), space, JSON. What a crash can leave
 * half-written is the end of the file only, and nothing there was ever acknowledged, so it is cut off.
 */
export interface Journal {
  /** Transactions found at opening. */
  readonly transactionCount: number;
  /** Bytes cut off at opening. */
  readonly tornBytes: number;
  /** The records found at opening, in order. */
  records(): AsyncIterable<JournalRecord>;
  /** Appends one record; with `sync` it is on the disk when this resolves. A failed write leaves no trace. */
  append(record: JournalRecord, options: { sync: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** A failed fsync: nobody knows what is on the disk, so the node must stop. */
export class JournalSyncError extends Error {
  override readonly name = "JournalSyncError";
}

/** Opens or creates the journal. @throws EmbeddedNodeError when it is damaged or belongs to another chain */
export async function openJournal(path: string, header: JournalHeader): Promise<Journal> {
  if (!(await exists(path))) await create(path, header);

  const found = await scan(path, header);
  const file = await open(path, "r+");
  const { size: sizeBefore } = await file.stat();
  if (sizeBefore > found.end) {
    await file.truncate(found.end);
    await file.sync();
  }

  let end = found.end;
  return {
    transactionCount: found.transactionCount,
    tornBytes: sizeBefore - found.end,
    records: () => readRecords(path, found.end),
    append: async (record, { sync }) => {
      end = await appendLine(file, end, encode(record));
      if (sync) await syncOrStop(file);
    },
    close: async () => {
      await syncOrStop(file);
      await file.close();
    },
  };
}

async function appendLine(file: FileHandle, end: number, line: Buffer): Promise<number> {
  try {
    let written = 0;
    while (written < line.length) {
      written += (await file.write(line, written, line.length - written, end + written)).bytesWritten;
    }
    return end + line.length;
  } catch (error) {
    await file.truncate(end);
    throw error;
  }
}

async function syncOrStop(file: FileHandle): Promise<void> {
  try {
    await file.datasync();
  } catch (error) {
    throw new JournalSyncError("The journal could not be synced to the disk", { cause: error });
  }
}

/** The header comes with the file's name, at once: no crash leaves a journal without it. */
async function create(path: string, header: JournalHeader): Promise<void> {
  const draft = `${path}.new`;
  await writeFile(draft, encode(header), { flush: true });
  await rename(draft, path);
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } catch {
    // Some file systems cannot sync a directory; the file itself is synced.
  } finally {
    await directory.close();
  }
}

interface Found {
  readonly end: number;
  readonly transactionCount: number;
}

async function scan(path: string, expected: JournalHeader): Promise<Found> {
  let lineNumber = 0;
  let end = 0;
  let transactionCount = 0;
  let badLine: number | null = null;

  for await (const line of readLines(path)) {
    lineNumber += 1;
    const content = line.isTerminated ? decode(line.bytes) : null;
    if (content === null) {
      badLine ??= lineNumber;
      continue;
    }
    if (badLine !== null) throw corrupt(path, badLine);

    if (lineNumber === 1) {
      checkHeader(path, content, expected);
    } else {
      const count = countAfter(transactionCount, content as JournalRecord);
      if (count === null) throw corrupt(path, lineNumber);
      transactionCount = count;
    }
    end = line.end;
  }

  // The header was synced before the file had its name, so a crash cannot be the reason.
  if (end === 0) throw corrupt(path, 1);
  return { end, transactionCount };
}

/** Transactions up to and including this record; null when the record does not follow on those before it. */
function countAfter(count: number, record: JournalRecord): number | null {
  switch (record.kind) {
    case "transactions":
      return record.first === count ? count + record.items.length : null;
    case "outcomes":
      return record.first + record.items.length === count ? count : null;
  }
}

function checkHeader(path: string, content: unknown, expected: JournalHeader): void {
  const header = content as Partial<JournalHeader>;
  if (header.format !== expected.format || header.version !== expected.version) throw corrupt(path, 1);
  if (header.chainId !== expected.chainId || header.genesisHash !== expected.genesisHash) {
    throw new EmbeddedNodeError(
      "foreign-chain",
      `The data directory belongs to another chain: ${path} is of chain ${header.chainId} with genesis ` +
        `${header.genesisHash}, this node serves chain ${expected.chainId} with genesis ${expected.genesisHash}. ` +
        "Choose another data directory, or begin again with an empty one.",
    );
  }
}

async function* readRecords(path: string, end: number): AsyncIterable<JournalRecord> {
  let isHeader = true;
  for await (const line of readLines(path, end)) {
    if (!isHeader) yield decode(line.bytes) as JournalRecord;
    isHeader = false;
  }
}

function encode(record: JournalRecord | JournalHeader): Buffer {
  const json = JSON.stringify(record);
  return Buffer.from(`${checksum(json)} ${json}\n`);
}

/** The record, or null when the line is not what was written. */
function decode(line: Buffer): unknown {
  const text = line.toString("utf8");
  const json = text.slice(9);
  if (text[8] !== " " || text.slice(0, 8) !== checksum(json)) return null;
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, "0");
}

function corrupt(path: string, line: number): EmbeddedNodeError {
  return new EmbeddedNodeError(
    "journal-corrupt",
    `The chain's journal ${path} is damaged at line ${line}. Restore the file from a backup, or begin again with an empty data directory.`,
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
