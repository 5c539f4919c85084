import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Discrepancy } from "./findings.js";
import type { Row } from "./rows.js";

const FORMAT = "carbon-ledger/audit-state/1";
const NAME = "state.ndjson";
const LINES_AT_ONCE = 2_000;

/** How far an audit came. */
export interface SnapshotHead {
  readonly format: typeof FORMAT;
  readonly chainId: string;
  /** Of the first and the last block that were read, and the ledger's contracts: what the state is about. */
  readonly contracts: Readonly<Record<string, string>>;
  readonly fromBlock: string;
  readonly block: string;
  readonly blockHash: string;
  readonly events: number;
  /** In bytes, by name. */
  readonly files: Readonly<Record<string, number>>;
  readonly discrepancies: readonly Discrepancy[];
  readonly discrepancyCount: number;
}

/** Writes a snapshot in place of the last one: after a crash there is the old or the new, whole. */
export async function writeSnapshot(
  directory: string,
  head: Omit<SnapshotHead, "format">,
  rows: Iterable<Row>,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const draft = join(directory, `${NAME}.draft`);
  const file = await open(draft, "w");
  try {
    let lines = [JSON.stringify({ format: FORMAT, ...head })];
    for (const row of rows) {
      lines.push(JSON.stringify(row));
      if (lines.length < LINES_AT_ONCE) continue;
      await file.write(`${lines.join("\n")}\n`);
      lines = [];
    }
    await file.write(`${[...lines, JSON.stringify(["end"])].join("\n")}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(directory, NAME));
}

/** @returns null when there is none, or none that can be used */
export async function readSnapshot(directory: string): Promise<{ head: SnapshotHead; rows: Row[] } | null> {
  let head: SnapshotHead | null = null;
  const rows: Row[] = [];
  try {
    const input = createReadStream(join(directory, NAME), "utf8");
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (head === null) head = JSON.parse(line) as SnapshotHead;
      else rows.push(JSON.parse(line) as Row);
    }
  } catch {
    return null;
  }
  if (head?.format !== FORMAT || rows.pop()?.[0] !== "end") return null;
  return { head, rows };
}

export async function removeSnapshot(directory: string): Promise<void> {
  await rm(join(directory, NAME), { force: true });
}
