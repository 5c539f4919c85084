import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";

import type { OpenDatabase } from "../../../src/db/connection.js";
import { exportRoutes } from "../../../src/exports/routes.js";
import { EXPORT_TYPES } from "../../../src/exports/schemas.js";
import { createExports, type Exports } from "../../../src/exports/service.js";
import { fileReply } from "../../../src/history/routes.js";
import { defineRoute } from "../../../src/http/route.js";
import { testDatabase } from "../../support/database.js";
import { serveRoutes, type TestServer } from "../../support/http.js";

let database: OpenDatabase;
let server: TestServer;
let exports: Exports;
/** Parts that were asked for, and files that were closed before their end. */
let parts = 0;
let closed = 0;

beforeAll(async () => {
  database = await testDatabase();
  exports = createExports({
    db: database.db,
    domain: { chainId: "31337", contract: `0x${"11".repeat(20)}` },
    service: { address: `0x${"22".repeat(20)}`, signDigest: async () => `0x${"33".repeat(65)}` },
    logger: { warn: () => undefined },
  });
  const endless = defineRoute({
    method: "get",
    path: "/endless",
    summary: "A file without an end",
    tag: "Exports",
    access: "public",
    query: z.strictObject({ format: z.enum(["csv", "ndjson", "parquet"]) }),
    answers: { 200: { description: "The file.", contentTypes: EXPORT_TYPES } },
    problems: ["too-many-exports"],
    handle: async ({ query, principal }) =>
      fileReply(
        await exports.open({
          principal,
          subject: "retirements",
          format: query.format,
          query: {},
          moment: { blockNumber: 7n, blockHash: `0x${"44".repeat(32)}`, timestamp: 1n },
          columns: [{ name: "id", kind: "integer", of: (id: bigint) => id }],
          pages: (async function* () {
            try {
              for (;;) {
                parts += 1;
                yield Array.from({ length: 5_000 }, (_, i) => BigInt(i));
              }
            } finally {
              closed += 1;
            }
          })(),
        }),
      ),
  });
  server = await serveRoutes([endless, ...exportRoutes(exports)]);
});
afterAll(async () => {
  await server.close();
  await database.close();
});

async function begin(format: string) {
  const abort = new AbortController();
  const response = await fetch(`${server.url}/v1/endless?format=${format}`, { signal: abort.signal });
  const reader = response.body?.getReader();
  await reader?.read();
  const id = response.headers.get("x-export-id") ?? "";
  const manifest = async () => (await fetch(`${server.url}/v1/exports/${id}/manifest`)).json();
  return { response, abort, id, manifest };
}

describe("an export that its reader leaves", () => {
  it.each(["csv", "ndjson", "parquet"])("should end, be told as abandoned, and make room: %s", async (format) => {
    const before = closed;
    const { abort, manifest, id } = await begin(format);
    expect(await manifest()).toMatchObject({ code: "export-unfinished" });
    abort.abort();
    await vi.waitFor(async () => expect(await manifest()).toMatchObject({ code: "export-abandoned" }), 10_000);
    expect(closed).toBe(before + 1);
    const seen = parts;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(parts).toBe(seen);
    expect((await exports.get({ kind: "anonymous" }, id)).manifest).toBeNull();
  });

  it("should not wait for a reader to take more than was asked for", async () => {
    const { abort } = await begin("csv");
    let seen = -1;
    // The sockets fill up, and then nothing more is made.
    await vi.waitFor(() => {
      const last = seen;
      seen = parts;
      expect(seen).toBe(last);
    }, 10_000);
    abort.abort();
  });

  it("should keep no others out when it is gone: two without a key at once, and again", async () => {
    for (let time = 0; time < 3; time++) {
      const both = await Promise.all([begin("csv"), begin("ndjson")]);
      const refused = await fetch(`${server.url}/v1/endless?format=csv`);
      expect(await refused.json()).toMatchObject({ code: "too-many-exports" });
      for (const { abort } of both) abort.abort();
      await vi.waitFor(async () => {
        for (const { manifest } of both) expect(await manifest()).toMatchObject({ code: "export-abandoned" });
      }, 10_000);
    }
  });
});
