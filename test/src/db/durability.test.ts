import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../../../src/db/connection.js";

const ROUNDS = Number(process.env["DURABILITY_ROUNDS"] ?? 3);

/** Lets a writer run until it has acknowledged `commits` rows, kills it without warning, and returns the last row it acknowledged. */
async function writeAndKill(dataDir: string, commits: number): Promise<bigint> {
  const writer = spawn(process.execPath, ["--import", "tsx", "test/support/durability-writer.ts", dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(writer, "exit");
  let last = 0n;
  let seen = 0;
  for await (const line of createInterface({ input: writer.stdout })) {
    if (line === "open") continue;
    last = BigInt(line);
    if (++seen === commits) writer.kill("SIGKILL");
  }
  const [, signal] = (await exited) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
  return last;
}

describe("PGlite in a directory", () => {
  it(
    "given a process killed in the middle of writing, it should open again with every acknowledged row, none twice",
    async () => {
      const dataDir = mkdtempSync(join(tmpdir(), "ledger-durability-"));
      for (let round = 1; round <= ROUNDS; round++) {
        const acknowledged = await writeAndKill(dataDir, 1 + ((round * 67) % 160));

        const database = await openDatabase({ dataDir });
        const { rows } = await sql<{
          count: bigint;
          max: bigint;
          intact: bigint;
        }>`select count(*) as count, max(n) as max, count(*) filter (where length(filling) in (100, 200000)) as intact from written`.execute(
          database.db,
        );
        const found = rows[0]!;
        expect(found.max).toBeGreaterThanOrEqual(acknowledged);
        // At most one commit was under way when the kill came.
        expect(found.count).toBe(found.max);
        expect(found.intact).toBe(found.count);
        await database.close();
      }
      rmSync(dataDir, { recursive: true });
    },
    ROUNDS * 30_000,
  );
});
