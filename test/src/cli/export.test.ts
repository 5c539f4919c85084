import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../../src/cli/run.js";
import { createExports, type Exports } from "../../../src/exports/service.js";
import { exportRoutes } from "../../../src/exports/routes.js";
import { EXPORT_TYPES } from "../../../src/exports/schemas.js";
import { fileReply } from "../../../src/history/routes.js";
import { defineRoute } from "../../../src/http/route.js";
import type { OpenDatabase } from "../../../src/db/connection.js";
import { z } from "zod";
import { testDatabase } from "../../support/database.js";
import { serveRoutes, type TestServer } from "../../support/http.js";

let directory: string;
let database: OpenDatabase;
let server: TestServer;
let exports: Exports;
let failAt: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "export-"));
  database = await testDatabase();
  failAt = Infinity;
  exports = createExports({
    db: database.db,
    domain: { chainId: "31337", contract: `0x${"11".repeat(20)}` },
    service: { address: `0x${"22".repeat(20)}`, signDigest: async () => `0x${"33".repeat(65)}` },
    logger: { warn: () => undefined },
  });
  const file = defineRoute({
    method: "get",
    path: "/history/retirements/export",
    summary: "A file",
    tag: "Exports",
    access: "public",
    query: z.strictObject({ format: z.enum(["csv"]), project: z.string().optional() }),
    answers: { 200: { description: "The file.", contentTypes: EXPORT_TYPES } },
    handle: async ({ query, principal }) =>
      fileReply(
        await exports.open({
          principal,
          subject: "retirements",
          format: query.format,
          query: { project: query.project ?? "" },
          moment: { blockNumber: 7n, blockHash: `0x${"44".repeat(32)}`, timestamp: 1n },
          columns: [{ name: "id", kind: "integer", of: (id: bigint) => id }],
          pages: (async function* () {
            for (let page = 0; page < 20; page += 1) {
              if (page === failAt) throw new Error("the database is gone");
              yield Array.from({ length: 1_000 }, (_, i) => BigInt(page * 1_000 + i));
            }
          })(),
        }),
      ),
  });
  server = await serveRoutes([file, ...exportRoutes(exports)]);
});
afterEach(async () => {
  await server.close();
  await database.close();
  rmSync(directory, { recursive: true });
});

async function carbon(...args: string[]) {
  const texts: string[] = [];
  const output = { write: (text: string) => texts.push(text) };
  const code = await runCli(["--url", server.url, ...args], { env: {}, stdout: output, stderr: output });
  return { code, text: texts.join("") };
}

describe("carbon export", () => {
  it("should write the file, and its manifest beside it", async () => {
    const out = join(directory, "all.csv");
    const { code, text } = await carbon("export", "retirements", "--out", out, "--filter", "project=A=B");
    expect([code, text]).toEqual([0, expect.stringContaining("20000 rows")]);
    expect(readFileSync(out, "utf8").split("\r\n")).toHaveLength(20_002);
    expect(readdirSync(directory).sort()).toEqual(["all.csv", "all.csv.manifest.json"]);
    const manifest = JSON.parse(readFileSync(`${out}.manifest.json`, "utf8")) as Record<string, string>;
    expect(manifest).toMatchObject({ rows: "20000", query: '{"project":"A=B"}', blockNumber: "7" });
  });

  it("should leave nothing behind that is not whole", async () => {
    failAt = 10;
    const { code } = await carbon("export", "retirements", "--out", join(directory, "half.csv"));
    expect([code, readdirSync(directory)]).toEqual([3, []]);
    const { items } = await exports.list(
      { kind: "key", keyId: "a", scope: "admin", participantId: null, role: null, account: null },
      { limit: 5 },
    );
    expect(items.map(({ status }) => status)).toEqual(["abandoned"]);
  });

  it("should say what it does not understand", async () => {
    expect((await carbon("export", "retirements")).code).toBe(2);
    expect((await carbon("export", "weather", "--out", join(directory, "x"))).code).toBe(2);
    expect((await carbon("export", "retirements", "--out", join(directory, "x"), "--filter", "project")).code).toBe(2);
    expect(
      (await carbon("export", "retirements", "--out", join(directory, "x"), "--filter", "nonsense=1")).text,
    ).toContain("validation-failed");
  });
});
