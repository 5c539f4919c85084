import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestService, type TestService } from "../../support/service.js";

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: string[];
  readonly security: object[];
  readonly parameters: { name: string; in: string; required: boolean; schema: object }[];
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
  readonly requestBody?: object;
}

interface Document {
  readonly openapi: string;
  readonly tags: { name: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, object> };
}

let stage: TestService;
let document: Document;
let operations: [string, Operation][];

beforeAll(async () => {
  stage = await startTestService();
  document = (await stage.get("/v1/openapi.json")).body as Document;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [`${method} ${path}`, operation]),
  );
});
afterAll(() => stage.close());

/** Every `$ref` anywhere in a value. */
function refsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === "$ref" && typeof member === "string" ? [member] : refsIn(member),
  );
}

function resolve(ref: string): unknown {
  return ref
    .slice(2)
    .split("/")
    .reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], document);
}

describe("the OpenAPI document", () => {
  it("should be version 3.1 and the same at both paths", async () => {
    expect(document.openapi).toBe("3.1.0");
    expect((await stage.get("/openapi.json")).body).toEqual(document);
    expect(operations.length).toBeGreaterThan(20);
  });

  it("should resolve every reference", () => {
    const refs = [...new Set(refsIn(document))];
    expect(refs.length).toBeGreaterThan(3);
    expect(refs.filter((ref) => !ref.startsWith("#/") || resolve(ref) === undefined)).toEqual([]);
  });

  it("should give every operation a summary, a name of its own, a known tag, and security", () => {
    const names = operations.map(([, operation]) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    const tags = new Set(document.tags.map((tag) => tag.name));
    for (const [where, { summary, tags: own, security }] of operations) {
      expect([where, summary.length > 3, own.every((tag) => tags.has(tag)), security.length > 0]).toEqual([
        where,
        true,
        true,
        true,
      ]);
    }
  });

  it("should describe every answer, with a success and problem documents", () => {
    for (const [where, { responses }] of operations) {
      const statuses = Object.keys(responses);
      expect([where, statuses.some((status) => status.startsWith("2"))]).toEqual([where, true]);
      expect([where, responses["default"]?.content?.["application/problem+json"]?.schema]).toEqual([
        where,
        { $ref: "#/components/schemas/Problem" },
      ]);
      for (const response of Object.values(responses)) expect(response.description.length).toBeGreaterThan(3);
    }
  });

  it("should declare exactly the parameters that a path has", () => {
    for (const [where, { parameters }] of operations) {
      const inPath = [...where.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters.filter((parameter) => parameter.in === "path");
      expect([where, declared.map((parameter) => parameter.name)]).toEqual([where, inPath]);
      expect(declared.every((parameter) => parameter.required)).toBe(true);
    }
  });

  it("should bound every list: limit, cursor, and minBlock where the read model answers", () => {
    const lists = operations.filter(([, { responses }]) => JSON.stringify(responses["200"] ?? {}).includes('"next"'));
    expect(lists.length).toBeGreaterThan(5);
    for (const [where, { parameters }] of lists) {
      const names = parameters.map((parameter) => parameter.name);
      expect([where, names.includes("limit"), names.includes("cursor")]).toEqual([where, true, true]);
    }
  });

  it("should let every act take an idempotency key and wait", () => {
    const acts = operations.filter(([, { responses }]) => "202" in responses);
    expect(acts.length).toBeGreaterThan(10);
    for (const [where, { parameters }] of acts) {
      const names = parameters.map((parameter) => parameter.name);
      expect([where, names]).toEqual([where, expect.arrayContaining(["Idempotency-Key", "Prefer"])]);
    }
  });

  it("should refuse unknown fields in every body", () => {
    const bodies = operations.flatMap(([where, { requestBody }]) =>
      requestBody === undefined ? [] : [{ where, requestBody }],
    );
    for (const { where, requestBody } of bodies) {
      expect([where, JSON.stringify(requestBody).includes('"additionalProperties":false')]).toEqual([where, true]);
    }
  });

  it("should answer unknown fields in the query of every read as declared", async () => {
    const reads = operations.filter(([where]) => where.startsWith("get ") && !where.includes("{"));
    for (const [where] of reads) {
      const answer = await stage.get(`${where.slice(4)}?unknown=1`);
      expect([where, [400, 401].includes(answer.status)]).toEqual([where, true]);
    }
  });
});
