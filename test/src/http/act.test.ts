import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Idempotency } from "../../../src/db/idempotency.js";
import { Problem, problemDocument } from "../../../src/errors.js";
import { defineAct, type OperationsPort, type OperationView } from "../../../src/http/act.js";
import { serveRoutes, type TestServer } from "../../support/http.js";

const operation = (id: string, status: OperationView["status"]): OperationView => ({
  id,
  kind: "thing",
  status,
  account: null,
  participantId: null,
  role: null,
  intentHash: null,
  txHash: null,
  blockNumber: status === "final" ? 7 : null,
  result: status === "final" ? { number: "1" } : null,
  problem:
    status === "rejected"
      ? problemDocument(new Problem("units-paused", "Wait.", { evidence: { by: "guardian" } }), "urn:x")
      : null,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
  links: { self: `/v1/operations/${id}`, transaction: null, result: status === "final" ? "/v1/things/1" : null },
});

/** Operations in memory: the end that they come to when somebody waits is given beforehand. */
function fakeOperations(end: OperationView["status"] = "final") {
  const keys = new Map<string, { id: string; requestHash: string }>();
  const waits: number[] = [];
  const port: OperationsPort = {
    async findByKey({ principal, key, requestHash }) {
      const known = keys.get(`${principal} ${key}`);
      if (known !== undefined && known.requestHash !== requestHash) throw new Problem("idempotency-conflict");
      return known?.id;
    },
    get: async (id) => operation(id, "accepted"),
    asAccepted: () => undefined,
    async wait(id, seconds) {
      waits.push(seconds);
      return operation(id, end);
    },
  };
  const remember = (idempotency: Idempotency | undefined, id: string): void => {
    if (idempotency)
      keys.set(`${idempotency.principal} ${idempotency.key}`, { id, requestHash: idempotency.requestHash });
  };
  return { port, waits, remember };
}

let server: TestServer | undefined;
afterEach(async () => server?.close());

async function serve(end?: OperationView["status"]) {
  const { port, waits, remember } = fakeOperations(end);
  let performed = 0;
  const act = defineAct(port, {
    path: "/things/{id}",
    summary: "Does",
    tag: "things",
    access: "public",
    params: z.strictObject({ id: z.string() }),
    body: z.strictObject({ a: z.int(), b: z.int().optional() }),
    async perform({ params, idempotency }) {
      performed++;
      const id = `${params.id}-${performed}`;
      remember(idempotency, id);
      return id;
    },
  });
  server = await serveRoutes([act]);
  return { post: server.post, waits, performed: () => performed };
}

describe("an act", () => {
  it("should answer 202 with the operation and where to find it", async () => {
    const { post } = await serve();
    const answer = await post("/v1/things/x", { a: 1 });
    expect(answer.status).toBe(202);
    expect(answer.headers.get("location")).toBe("/v1/operations/x-1");
    expect(answer.body).toMatchObject({ id: "x-1", status: "accepted" });
  });

  it("given Prefer: wait, it should answer 201 when final, and where the result is", async () => {
    const { post, waits } = await serve("final");
    const answer = await post("/v1/things/x", { a: 1 }, { prefer: "wait=5" });
    expect([answer.status, answer.body.status]).toEqual([201, "final"]);
    expect(answer.headers.get("location")).toBe("/v1/things/1");
    expect(answer.headers.get("preference-applied")).toBe("wait=5");
    expect(waits).toEqual([5]);
  });

  it("given Prefer: wait, it should answer 202 when it is still under way", async () => {
    const { post } = await serve("sent");
    expect((await post("/v1/things/x", { a: 1 }, { prefer: "wait=1" })).status).toBe(202);
  });

  it("given Prefer: wait, it should answer the problem when it was rejected", async () => {
    const { post } = await serve("rejected");
    const answer = await post("/v1/things/x", { a: 1 }, { prefer: "wait=5" });
    expect(answer.status).toBe(409);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.body).toMatchObject({
      code: "units-paused",
      detail: "Wait.",
      evidence: { by: "guardian" },
      operationId: "x-1",
    });
  });
});

describe("Idempotency-Key", () => {
  const key = { "idempotency-key": "k-1" };

  it("given the same key and the same request, it should do it once and answer the same", async () => {
    const { post, performed } = await serve();
    const first = await post("/v1/things/x", { a: 1, b: 2 }, key);
    // The same body in other bytes is the same request.
    const second = await post("/v1/things/x", '{ "b": 2, "a": 1 }', key);
    expect(second.body).toEqual(first.body);
    expect(performed()).toBe(1);
  });

  it.each([
    ["body", "/v1/things/x", { a: 2 }],
    ["path", "/v1/things/y", { a: 1 }],
  ])("given the same key and another %s, it should refuse", async (_what, path, body) => {
    const { post, performed } = await serve();
    await post("/v1/things/x", { a: 1 }, key);
    const answer = await post(path, body, key);
    expect([answer.status, answer.body.code]).toEqual([409, "idempotency-conflict"]);
    expect(performed()).toBe(1);
  });

  it("given no key, it should do it each time", async () => {
    const { post, performed } = await serve();
    await post("/v1/things/x", { a: 1 });
    await post("/v1/things/x", { a: 1 });
    expect(performed()).toBe(2);
  });

  it.each(["with space", "x".repeat(129), ""])("given the key %j, it should refuse", async (bad) => {
    const { post } = await serve();
    const answer = await post("/v1/things/x", { a: 1 }, { "idempotency-key": bad });
    expect([answer.status, answer.body.code]).toEqual([400, "header-invalid"]);
  });
});
