import { Registry } from "prom-client";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { ChainUnavailableError } from "../../../src/chain/rpc-errors.js";
import { Problem } from "../../../src/errors.js";
import type { AppDeps } from "../../../src/http/app.js";
import { listQuery, pageOf, toPage } from "../../../src/http/pagination.js";
import { addressInput, idInput, tonnesInput } from "../../../src/http/primitives.js";
import { defineRoute, ok } from "../../../src/http/route.js";
import type { KeyHolder } from "../../../src/principal.js";
import { serveRoutes, type TestServer } from "../../support/http.js";

const echo = defineRoute({
  method: "post",
  path: "/things/{id}",
  summary: "Echoes",
  tag: "things",
  access: "public",
  params: z.strictObject({ id: idInput }),
  body: z.strictObject({ tonnes: tonnesInput, to: addressInput.optional() }),
  answers: {
    200: {
      description: "Echo.",
      schema: z.strictObject({ id: z.int(), tonnes: z.string(), to: z.string().nullable() }),
    },
  },
  handle: async ({ params, body }) => ok({ id: params.id, tonnes: body.tonnes, to: body.to ?? null }),
});

const list = defineRoute({
  method: "get",
  path: "/things",
  summary: "Lists",
  tag: "things",
  access: "public",
  query: z.strictObject(listQuery),
  answers: { 200: { description: "Page.", schema: pageOf(z.int()) } },
  handle: async ({ query }) =>
    ok(
      toPage(
        [1, 2, 3, 4],
        query.limit,
        (n) => n,
        (n) => n,
      ),
    ),
});

const failing = (error: () => unknown) =>
  defineRoute({
    method: "get",
    path: "/failing",
    summary: "Fails",
    tag: "things",
    access: "public",
    answers: { 200: { description: "Never." } },
    handle: async () => {
      throw error();
    },
  });

const guarded = defineRoute({
  method: "get",
  path: "/guarded",
  summary: "For some",
  tag: "things",
  access: { scopes: ["admin"], roles: ["registrar"] },
  answers: { 200: { description: "In.", schema: z.strictObject({}) } },
  handle: async () => ok({}),
});

const holder = (scope: KeyHolder["scope"], role: KeyHolder["role"] = null): KeyHolder => ({
  kind: "key",
  keyId: "k",
  scope,
  participantId: null,
  role,
  account: null,
});

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(routes = [echo, list], overrides: Partial<AppDeps> = {}): Promise<TestServer> {
  server = await serveRoutes(routes, overrides);
  return server;
}

describe("a valid request", () => {
  it("should reach the handler parsed, and exact beyond 2^53", async () => {
    const { post } = await serve();
    const answer = await post("/v1/things/7", { tonnes: "18446744073709551615", to: `0x${"ab".repeat(20)}` });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      id: 7,
      tonnes: "18446744073709551615",
      to: "0xABaBaBaBABabABabAbAbABAbABabababaBaBABaB",
    });
  });

  it("should carry a request id, the caller's own when it is a UUID, and security headers", async () => {
    const { get } = await serve();
    const id = "0190a6f0-0000-7000-8000-000000000001";
    expect((await get("/v1/things", { "x-request-id": id })).headers.get("x-request-id")).toBe(id);
    const { headers } = await get("/v1/things", { "x-request-id": "anything" });
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("x-powered-by")).toBeNull();
  });

  it("should be logged without its query", async () => {
    const { get, logs } = await serve();
    await get("/v1/things?limit=2");
    await expect.poll(() => logs.length).toBe(1);
    expect(JSON.parse(logs[0]!)).toMatchObject({
      level: "info",
      method: "GET",
      path: "/v1/things",
      status: 200,
      principal: "anonymous",
    });
  });
});

describe("a list", () => {
  it("should tell the next page's cursor, and null on the last", async () => {
    const { get } = await serve();
    expect((await get("/v1/things?limit=3")).body).toEqual({ items: [1, 2, 3], next: expect.any(String) });
    expect((await get("/v1/things")).body).toEqual({ items: [1, 2, 3, 4], next: null });
  });

  it.each(["0", "201", "-1", "1.5", "x", "1e2"])("given limit=%s, it should refuse with page-size", async (limit) => {
    const { get } = await serve();
    const answer = await get(`/v1/things?limit=${limit}`);
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe("page-size");
  });

  it("given minBlock, it should wait for the read model first", async () => {
    const asked: bigint[] = [];
    const { get } = await serve([list], { waitForBlock: async (block) => void asked.push(block) });
    await get("/v1/things?minBlock=12");
    expect(asked).toEqual([12n]);
  });

  it("given a block that does not come, it should say 503 and when to retry", async () => {
    const { get } = await serve([list], { waitForBlock: () => Promise.reject(new Problem("read-model-behind")) });
    const answer = await get("/v1/things?minBlock=12");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.body.code).toBe("read-model-behind");
  });
});

describe("a request that does not fit", () => {
  it.each([
    ["unknown field", { tonnes: "1", more: 1 }, "/body/more"],
    ["amount 0", { tonnes: "0" }, "/body/tonnes"],
    ["negative amount", { tonnes: "-1" }, "/body/tonnes"],
    ["fractional amount", { tonnes: "1.5" }, "/body/tonnes"],
    ["amount as a number", { tonnes: 1 }, "/body/tonnes"],
    ["amount above 2^64", { tonnes: "18446744073709551616" }, "/body/tonnes"],
    ["leading zero", { tonnes: "01" }, "/body/tonnes"],
    ["wrong checksum", { tonnes: "1", to: `0x${"aB".repeat(20)}` }, "/body/to"],
    ["missing field", {}, "/body/tonnes"],
    ["prototype as a field", '{"tonnes":"1","__proto__":{"x":1}}', "/body/__proto__"],
    ["list for an object", [], "/body"],
  ])("given %s, it should name the field", async (_what, body, path) => {
    const { post } = await serve();
    const answer = await post("/v1/things/7", body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.body).toMatchObject({ code: "validation-failed", status: 400, retryable: false });
    expect(answer.body.errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  it("should name every field of every part at once", async () => {
    const { post } = await serve();
    const answer = await post("/v1/things/x?what=1", { tonnes: "0", more: 1 });
    expect(answer.body.errors.map((error: { path: string }) => error.path).sort()).toEqual([
      "/body/more",
      "/body/tonnes",
      "/path/id",
      "/query/what",
    ]);
  });

  it.each([
    ["malformed JSON", "{", "application/json", 400, "malformed-json"],
    ["a bare value", '"x"', "application/json", 400, "malformed-json"],
    ["wrong content type", "{}", "text/plain", 415, "unsupported-media-type"],
    ["wrong charset", "{}", "application/json; charset=latin1", 415, "unsupported-media-type"],
    ["body above the limit", `{"tonnes":"${"1".repeat(300_000)}"}`, "application/json", 413, "body-too-large"],
    ["no body", undefined, "application/json", 400, "validation-failed"],
  ])("given %s, it should refuse", async (_what, body, type, status, code) => {
    const { post } = await serve();
    const answer = await post("/v1/things/7", body, { "content-type": type });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it("given bytes that are not UTF-8, or a compressed body, it should refuse", async () => {
    const { send } = await serve();
    const headers = { "content-type": "application/json" };
    const broken = await send("/v1/things/7", { method: "POST", headers, body: new Uint8Array([0x7b, 0xff, 0x7d]) });
    expect([broken.status, broken.body.code]).toEqual([400, "malformed-json"]);
    const packed = await send("/v1/things/7", {
      method: "POST",
      headers: { ...headers, "content-encoding": "gzip" },
      body: "{}",
    });
    expect([packed.status, packed.body.code]).toEqual([415, "unsupported-media-type"]);
  });

  it("given an unknown path or a broken encoding, it should answer 404", async () => {
    const { get, post } = await serve();
    for (const path of ["/nothing", "/v1/nothing", "/docs/nothing", "/v1/Things"]) {
      const answer = await get(path);
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, "unknown-path"]);
    }
    expect((await post("/v1/things/%ff", { tonnes: "1" })).status).toBe(404);
  });

  it("given another method, it should answer 405 and the methods that there are", async () => {
    const { post, send } = await serve();
    const answer = await post("/v1/things", {});
    expect([answer.status, answer.body.code, answer.headers.get("allow")]).toEqual([
      405,
      "method-not-allowed",
      "GET, HEAD, OPTIONS",
    ]);
    expect((await send("/v1/things", { method: "OPTIONS" })).status).toBe(204);
  });
});

describe("an error", () => {
  it.each([
    ["a problem", () => new Problem("units-paused", "Wait."), 409, "units-paused"],
    ["a chain that is away", () => new ChainUnavailableError("eth_call", ["down"]), 503, "chain-unavailable"],
    [
      "a database that is away",
      () => Object.assign(new Error("x"), { code: "ECONNREFUSED" }),
      503,
      "database-unavailable",
    ],
    ["anything else", () => new Error("inner detail"), 500, "internal"],
  ])("given %s, it should answer the row of the table", async (_what, error, status, code) => {
    const { get, logs } = await serve([failing(error)]);
    const answer = await get("/v1/failing");
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.instance).toBe(`urn:uuid:${answer.headers.get("x-request-id")}`);
    expect(answer.headers.has("retry-after")).toBe(status === 503);
    expect(answer.text).not.toContain("inner detail");
    const levels = logs.map((line) => (JSON.parse(line) as { level: string }).level);
    expect(levels[0]).toBe(status === 500 ? "error" : status === 503 ? "warn" : "info");
  });

  it("given an answer that does not fit its schema, tests should see it", async () => {
    const wrong = { ...list, handle: async () => ok({ items: ["x"], next: null }) };
    const { get } = await serve([wrong]);
    expect((await get("/v1/things")).status).toBe(500);
  });
});

describe("access", () => {
  it.each([
    ["no key", undefined, 401, "unauthorized"],
    ["a key that is unknown", "unknown", 401, "unauthorized"],
    ["a key of another scope", "auditor", 403, "forbidden"],
    ["a key of another role", "guardian", 403, "forbidden"],
    ["a key of the scope", "admin", 200, undefined],
    ["a key of the role", "registrar", 200, undefined],
  ])("given %s, it should answer so", async (_what, token, status, code) => {
    const keys = new Map([
      ["auditor", holder("auditor")],
      ["guardian", holder("role", "guardian")],
      ["admin", holder("admin")],
      ["registrar", holder("role", "registrar")],
    ]);
    const { get } = await serve([guarded], { findKey: async (key) => keys.get(key) });
    const answer = await get("/v1/guarded", token === undefined ? {} : { authorization: `Bearer ${token}` });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get("www-authenticate")).toBe(status === 401 ? "Bearer" : null);
  });

  it("given a bad key on a public path, it should not pass for anonymity", async () => {
    const { get } = await serve();
    expect((await get("/v1/things", { authorization: "Basic x" })).status).toBe(401);
  });
});

describe("limits and shutdown", () => {
  const slow = (started: () => void, released: Promise<void>) =>
    defineRoute({
      method: "get",
      path: "/slow",
      summary: "Slow",
      tag: "things",
      access: "public",
      answers: { 200: { description: "Done.", schema: z.strictObject({}) } },
      handle: async () => {
        started();
        await released;
        return ok({});
      },
    });

  it("given as many requests as the limit under way, it should ask the next to come back, and still tell its health", async () => {
    const started = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const { get } = await serve([slow(started.resolve, released.promise)], { maxInFlight: 1 });
    const first = get("/v1/slow");
    await started.promise;
    const second = await get("/v1/slow");
    expect([second.status, second.body.code, second.headers.get("retry-after")]).toEqual([
      429,
      "too-many-requests",
      "1",
    ]);
    expect((await get("/health/live")).status).toBe(200);
    released.resolve();
    expect((await first).status).toBe(200);
  });

  it("given a shutdown, it should finish what is under way and refuse what is new", async () => {
    const started = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const { get, shutdown } = await serve([slow(started.resolve, released.promise), list]);
    const first = get("/v1/slow");
    await started.promise;
    shutdown.abort();
    expect((await get("/v1/things")).body.code).toBe("shutting-down");
    released.resolve();
    expect((await first).status).toBe(200);
  });
});

describe("/health/ready", () => {
  it("should say what it waits for, and 503 until all is well", async () => {
    let missing: string | undefined = "the chain";
    const checks = [
      { name: "database", waitsFor: async () => undefined },
      { name: "chain", waitsFor: async () => missing },
    ];
    const { get } = await serve([], { checks });
    const waiting = await get("/health/ready");
    expect(waiting.status).toBe(503);
    expect(waiting.body).toEqual({
      status: "waiting",
      waitingFor: ["chain: the chain"],
      checks: [
        { name: "database", ready: true, waitsFor: null },
        { name: "chain", ready: false, waitsFor: "the chain" },
      ],
    });
    missing = undefined;
    expect((await get("/health/ready")).status).toBe(200);
  });

  it("given a check that throws, it should say so", async () => {
    const { get } = await serve([], {
      checks: [{ name: "chain", waitsFor: () => Promise.reject(new Error("refused")) }],
    });
    expect((await get("/health/ready")).body.checks[0].waitsFor).toBe("refused");
  });
});

describe("service paths", () => {
  it("should show metrics by route, not by path", async () => {
    const { get, post } = await serve([echo], { registry: new Registry() });
    await post("/v1/things/7", { tonnes: "1" });
    const { text } = await get("/metrics");
    expect(text).toContain('route="/things/{id}"');
    expect(text).toContain("process_cpu");
  });

  it("should show the error table", async () => {
    const { get } = await serve();
    const { body } = await get("/v1/errors");
    const row = body.items.find((item: { code: string }) => item.code === "units-insufficient-balance");
    expect(row).toMatchObject({ status: 409, retryable: false, contractError: "UnitsInsufficientBalance" });
  });

  it("should serve the reference with its own scripts and nothing from elsewhere", async () => {
    const { get } = await serve();
    const page = await get("/docs/");
    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
    expect(page.text).not.toMatch(/https?:\/\//);
    for (const [, file] of page.text.matchAll(/(?:src|href)="([^"]+)"/g))
      expect([file, (await get(file!)).status]).toEqual([file, 200]);
    expect((await get("/")).headers.get("location")).toBe("/docs/");
  });
});
