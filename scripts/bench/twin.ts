import { cp, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** Copies a chain whose node has nothing to do just now, so that a second node goes on from there. Both are data directories. */
export async function copyChain(dataDir: string, twinDir: string): Promise<void> {
  const filter = (path: string): boolean => !basename(path).endsWith("lock");
  await cp(join(dataDir, "chain"), join(twinDir, "chain"), { recursive: true, filter });
}

/** The signed transactions of a chain in their order, as its journal has them. */
export async function transactionsOf(dataDir: string): Promise<string[]> {
  const text = await readFile(join(dataDir, "chain", "journal.ndjson"), "utf8");
  return text
    .slice(0, text.lastIndexOf("\n"))
    .split("\n")
    .flatMap((line) => {
      // A checksum of eight digits and a space, then JSON.
      const record = JSON.parse(line.slice(9)) as { kind?: string; items?: [number, string][] };
      return record.kind === "transactions" ? (record.items ?? []).map(([, raw]) => raw) : [];
    });
}
