import { appendFile, mkdir, open, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { AuditError } from "./findings.js";
import type { HistorySink } from "./ledger-state.js";

/** A record: its number, its hash, the block that told of it. */
export interface RecordEntry {
  readonly id: bigint;
  readonly hash: string;
  readonly block: bigint;
}

/** What was filled of an order in all, and the block of its last trade. */
export interface Fill {
  readonly tonnes: bigint;
  readonly block: bigint;
}

/** Every entry: a number (8 bytes), a hash (32), a block (8). */
const WIDTH = 48;
const BUCKETS = 256;
/** Entries that wait in memory before they are written. */
const WAITING = 16_384;
const AT_ONCE = 10_000;

const fillFile = (bucket: number): string => `fills-${bucket.toString(16).padStart(2, "0")}`;
const FILES = ["retired", "cancelled", "deals", ...Array.from({ length: BUCKETS }, (_, bucket) => fillFile(bucket))];

/**
 * What grows with the history: records, deals, and fills of orders, appended to files. Fills lie in 256 files by the first byte of the
 * order's hash, so that they can be summed one file at a time.
 */
export class HistoryFiles implements HistorySink {
  readonly #directory: string;
  readonly #waiting = new Map<string, Buffer[]>();
  readonly #lengths = new Map<string, number>();
  #waitingCount = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * @param lengths In bytes, of a snapshot: what was written after it is cut off. Files that it does not name are emptied.
   * @throws AuditError when a file is shorter than the snapshot says
   */
  static async open(directory: string, lengths: Readonly<Record<string, number>>): Promise<HistoryFiles> {
    const files = new HistoryFiles(directory);
    await mkdir(directory, { recursive: true });
    for (const name of FILES) {
      const wanted = lengths[name] ?? 0;
      const size = await stat(join(directory, name)).then(
        ({ size }) => size,
        () => null,
      );
      if ((size ?? 0) < wanted)
        throw new AuditError(`${join(directory, name)} is shorter than it was. Empty ${directory}.`);
      if (size !== null && size > wanted) await truncate(join(directory, name), wanted);
      files.#lengths.set(name, wanted);
    }
    return files;
  }

  record(kind: "retired" | "cancelled", id: bigint, hash: string, block: bigint): void {
    this.#append(kind, id, hash, block);
  }

  fill(orderHash: string, tonnes: bigint, block: bigint): void {
    this.#append(fillFile(Number.parseInt(orderHash.slice(2, 4), 16)), tonnes, orderHash, block);
  }

  deal(dealHash: string, block: bigint): void {
    this.#append("deals", 0n, dealHash, block);
  }

  /** To be called now and then: writes once enough waits. */
  async breathe(): Promise<void> {
    if (this.#waitingCount >= WAITING) await this.flush();
  }

  /** @returns the lengths in bytes, for a snapshot */
  async flush(): Promise<Record<string, number>> {
    for (const [name, entries] of this.#waiting) {
      const bytes = Buffer.concat(entries);
      await appendFile(join(this.#directory, name), bytes);
      this.#lengths.set(name, (this.#lengths.get(name) ?? 0) + bytes.length);
    }
    this.#waiting.clear();
    this.#waitingCount = 0;
    return Object.fromEntries([...this.#lengths].filter(([, length]) => length > 0));
  }

  /** In the order in which they were told, some at once. Only what was flushed. */
  async *records(kind: "retired" | "cancelled" | "deals"): AsyncGenerator<RecordEntry[]> {
    yield* this.#read(kind);
  }

  /** All orders, some at once, each exactly once. Only what was flushed. */
  async *fills(): AsyncGenerator<Map<string, Fill>> {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const sums = new Map<string, Fill>();
      for await (const entries of this.#read(fillFile(bucket))) {
        for (const { id, hash, block } of entries) {
          sums.set(hash, { tonnes: (sums.get(hash)?.tonnes ?? 0n) + id, block });
        }
      }
      if (sums.size > 0) yield sums;
    }
  }

  #append(name: string, number: bigint, hash: string, block: bigint): void {
    const entry = Buffer.allocUnsafe(WIDTH);
    entry.writeBigUInt64BE(BigInt.asUintN(64, number), 0);
    entry.write(hash.slice(2), 8, "hex");
    entry.writeBigUInt64BE(block, 40);
    const list = this.#waiting.get(name) ?? [];
    list.push(entry);
    this.#waiting.set(name, list);
    this.#waitingCount += 1;
  }

  async *#read(name: string): AsyncGenerator<RecordEntry[]> {
    const length = this.#lengths.get(name) ?? 0;
    if (length === 0) return;
    const file = await open(join(this.#directory, name), "r");
    try {
      for (let offset = 0; offset < length; offset += AT_ONCE * WIDTH) {
        const bytes = Buffer.alloc(Math.min(AT_ONCE * WIDTH, length - offset));
        await file.read(bytes, 0, bytes.length, offset);
        const entries: RecordEntry[] = [];
        for (let at = 0; at < bytes.length; at += WIDTH) {
          const hash = `0x${bytes.subarray(at + 8, at + 40).toString("hex")}`;
          entries.push({ id: bytes.readBigUInt64BE(at), hash, block: bytes.readBigUInt64BE(at + 40) });
        }
        yield entries;
      }
    } finally {
      await file.close();
    }
  }
}
