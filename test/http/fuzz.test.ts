import fc, { type Arbitrary } from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { OperationStatus } from "../../src/db/inbox-tables.js";
import { errorTable, type ErrorCode } from "../../src/errors.js";
import { almost, nastyText, nastyValue, type JsonSchema } from "../support/arbitrary-request.js";
import type { TestAnswer } from "../support/http.js";
import { startTestService, type SelfCustodyFirm, type TestFirm, type TestService } from "../support/service.js";

const BATCH = "FUZZ-2024";
/** The same requests every time: a failure here is a failure everywhere. */
const SEED = 20260629;
const RUNS_PER_OPERATION = 12;

/** Who holds a role in the tests. */
const PARTS = {
  admin: "admin",
  registrar: "registrar1",
  verifier: "verifier",
  "compliance-officer": "compliance1",
  guardian: "guardian",
  enforcement: "enforcement",
  "settlement-bank": "bank1",
  "exchange-operator": "operator",
} as const;

/** What a refusal that somebody foresaw is never called. */
const VAGUE = new Set<string>(["internal", "transaction-failed"] satisfies ErrorCode[]);

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: JsonSchema;
}

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly description?: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface GeneratedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

let stage: TestService;
let operations: Operation[];
let components: Readonly<Record<string, JsonSchema>>;
/** Bearer headers by what the reference says that a route needs. */
let keys: Record<string, string>;
let known: Record<string, readonly unknown[]>;

beforeAll(async () => {
  stage = await startTestService();
  const own: SelfCustodyFirm = await stage.firm();
  const managed: TestFirm = await stage.managedFirm();
  await stage.ledger.issueBatch({ code: BATCH, project: "FUZZ", recipient: managed.account, tonnes: 1_000 });
  await stage.synced();

  const of = async (scope: "admin" | "auditor") => (await stage.keyOf({ scope, label: "fuzz" })).authorization;
  keys = {
    "scope participant": managed.key.authorization,
    "own participant": own.key.authorization,
    "scope admin": await of("admin"),
    "scope auditor": await of("auditor"),
  };
  for (const [role, part] of Object.entries(PARTS)) {
    keys[`role ${role}`] = (await stage.officerKey(role as keyof typeof PARTS, part)).authorization;
  }

  const statement = (await stage.get("/v1/verification-statements")).body.items[0].id as string;
  const issuance = (await stage.get("/v1/issuances")).body.items[0].id as string;
  known = {
    account: [own.account, managed.account],
    address: [own.account, managed.account],
    to: [own.account, managed.account],
    recipient: [own.account],
    batch: [BATCH],
    projectCode: ["FUZZ"],
    code: [BATCH, "FUZZ"],
    participantId: [own.id],
    ownerId: [own.id],
    statementId: [statement],
    id: [statement, issuance, String(own.id), String(managed.id), "1"],
    minBlock: ["0", "1"],
    tonnes: ["1", "1001"],
  };

  const document = (await stage.get("/openapi.json")).body as {
    paths: Record<string, Record<string, Omit<Operation, "path" | "method">>>;
    components: { schemas: Record<string, JsonSchema> };
  };
  components = document.components.schemas;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
  );
});
afterAll(() => stage.close());

function resolve(ref: string): JsonSchema {
  const schema = components[ref.replace("#/components/schemas/", "")];
  if (schema === undefined) throw new Error(`There is no ${ref}`);
  return schema;
}

function valueOf({ name, schema }: Parameter): Arbitrary<string> {
  // A block far ahead is waited for: only those that are there, or that are none.
  if (name === "minBlock") return fc.constantFrom("0", "1", "x", "-1", "");
  return almost(schema, resolve, known, name).map((value) =>
    typeof value === "string" ? value : JSON.stringify(value),
  );
}

function requestTo(operation: Operation): Arbitrary<GeneratedRequest> {
  const { path, method, parameters, requestBody } = operation;
  const inPath = parameters.filter((parameter) => parameter.in === "path");
  const inQuery = parameters.filter((parameter) => parameter.in === "query");
  return fc
    .record({
      values: fc.tuple(...inPath.map(valueOf)),
      queries: fc.tuple(...inQuery.map((parameter) => seldom(4, valueOf(parameter)))),
      extra: seldom(20, fc.tuple(nastyText, nastyText)),
      headers: headersTo(operation),
      body: bodyOf(requestBody),
    })
    .map(({ values, queries, extra, headers, body }) => {
      const rest = [...values];
      const filled = path.replace(/\{\w+\}/g, () => encode(rest.shift() ?? ""));
      const named = inQuery.flatMap(({ name }, place): [string, string][] => {
        const value = queries[place];
        return value === undefined ? [] : [[name, value]];
      });
      const query = (extra === undefined ? named : [...named, extra]).map((pair) => pair.map(encode).join("="));
      const url = query.length === 0 ? filled : `${filled}?${query.join("&")}`;
      if (body === null) return { url, method, headers };
      return { url, method, headers: { ...headers, "content-type": body.type }, body: body.text };
    });
}

/** Undefined, but for once in so many times. */
function seldom<T>(times: number, arbitrary: Arbitrary<T>): Arbitrary<T | undefined> {
  return fc.oneof({ weight: times - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

/** Mostly a key that the reference says will do. */
function headersTo({ description = "" }: Operation): Arbitrary<Record<string, string>> {
  const fitting = Object.entries(keys).flatMap(([holder, key]) => (description.includes(holder) ? [key] : []));
  const all = Object.values(keys);
  return fc
    .record({
      authorization: fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...(fitting.length === 0 ? all : fitting)) },
        { weight: 2, arbitrary: fc.constantFrom(...all, undefined) },
        { weight: 1, arbitrary: fc.constantFrom("Bearer x", "Basic eDp5", "Bearer") },
      ),
      "idempotency-key": fc.oneof(
        seldom(4, fc.constantFrom("a", "b")),
        seldom(8, fc.constantFrom("with space", "x".repeat(200))),
      ),
      prefer: seldom(3, fc.constantFrom("wait=0", "wait=-1", "respond-async", "wait=,,;=")),
      "x-request-id": seldom(3, fc.constantFrom("1", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6")),
    })
    .map((headers) =>
      Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    );
}

function bodyOf(requestBody: Operation["requestBody"]): Arbitrary<{ type: string; text: string } | null> {
  if (requestBody === undefined) return fc.constant(null);
  const json = "application/json";
  const form = requestBody.content["multipart/form-data"]?.schema;
  if (form !== undefined) return formOf(form);
  const fitting = almost(requestBody.content[json]?.schema ?? {}, resolve, known);
  return fc.oneof(
    { weight: 40, arbitrary: fitting.map((value) => ({ type: json, text: JSON.stringify(value) })) },
    { weight: 2, arbitrary: nastyValue.map((value) => ({ type: json, text: JSON.stringify(value) })) },
    { weight: 1, arbitrary: nastyText.map((text) => ({ type: json, text })) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom("text/plain", "application/xml", "multipart/form-data", "x")
        .map((type) => ({ type, text: "{}" })),
    },
    { weight: 1, arbitrary: fc.constant({ type: json, text: `${"[".repeat(20_000)}${"]".repeat(20_000)}` }) },
  );
}

/** A form with a file, which now and then is none. */
function formOf(schema: JsonSchema): Arbitrary<{ type: string; text: string }> {
  const partOf = ([name, value]: [string, unknown]): string => {
    const fileName = name === "file" ? '; filename="a.csv"' : "";
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `--b\r\ncontent-disposition: form-data; name="${encodeURIComponent(name.toWellFormed())}"${fileName}\r\n\r\n${text}\r\n`;
  };
  const whole = almost(schema, resolve, known).map((value) => {
    const parts = typeof value === "object" && value !== null ? Object.entries(value).map(partOf) : [];
    return `${parts.join("")}--b--\r\n`;
  });
  return fc.oneof(
    { weight: 8, arbitrary: whole.map((text) => ({ type: "multipart/form-data; boundary=b", text })) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(whole, fc.nat(200))
        .map(([text, length]) => ({ type: "multipart/form-data; boundary=b", text: text.slice(0, length) })),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.constantFrom("multipart/form-data", "multipart/form-data; boundary=", "application/json", "x"),
          nastyText,
        )
        .map(([type, text]) => ({ type, text })),
    },
  );
}

/** Half of a surrogate pair cannot be percent-encoded. */
function encode(text: string): string {
  const encoded = encodeURIComponent(text.toWellFormed());
  // An empty segment, or one of dots, would be another path.
  return encoded === "" || /^\.+$/.test(encoded) ? "%20" : encoded;
}

function check({ responses }: Operation, request: GeneratedRequest, answer: TestAnswer): void {
  const where = `${request.method} ${request.url} ${request.body ?? ""}\n${answer.status} ${answer.text}`;
  if (answer.status < 400) {
    expect(Object.keys(responses), where).toContain(String(answer.status));
    return;
  }
  expect(answer.headers.get("content-type"), where).toMatch(/^application\/problem\+json/);
  const row = errorTable[answer.body.code as ErrorCode];
  expect(row, where).toBeDefined();
  expect([answer.body.status, answer.status], where).toEqual([row.status, row.status]);
  if (answer.status < 500) return;
  expect([503, answer.body.retryable, answer.headers.has("retry-after")], where).toEqual([answer.status, true, true]);
}

describe("given anything at all", () => {
  it.each(["GET", "POST", "DELETE"])(
    "every %s should answer as it says, or with a problem of the table, and never break",
    async (method) => {
      const chosen = operations.filter((operation) => operation.method === method);
      expect(chosen.length).toBeGreaterThan(1);
      for (const operation of chosen) {
        const property = fc.asyncProperty(requestTo(operation), async (request) => {
          const { url, ...init } = request;
          check(operation, request, await stage.send(url, init));
        });
        await fc.assert(property, { seed: SEED, numRuns: RUNS_PER_OPERATION });
      }
    },
  );

  it("a method that a path does not have should be refused with those that it has", async () => {
    const byPath = Map.groupBy(operations, ({ path }) => path);
    for (const [path, some] of byPath) {
      const allowed = some.map(({ method }) => method);
      for (const method of ["PUT", "PATCH", "POST", "DELETE"].filter((name) => !allowed.includes(name))) {
        const answer = await stage.send(path.replace(/\{\w+\}/g, "1"), { method });
        expect([path, method, answer.status, answer.body.code]).toEqual([path, method, 405, "method-not-allowed"]);
        for (const name of allowed) expect(answer.headers.get("allow")).toContain(name);
      }
    }
  });

  it("all that was accepted should end, with a reason of the table where it was refused", async () => {
    const count = async (...statuses: OperationStatus[]): Promise<number> => {
      const query = stage.db.selectFrom("operations").select("id").where("status", "in", statuses);
      return (await query.execute()).length;
    };
    await expect.poll(() => count("accepted", "sent"), { timeout: 30_000 }).toBe(0);
    expect(await count("final")).toBeGreaterThan(10);
    const rejected = stage.db.selectFrom("operations").select("problem").where("status", "=", "rejected");
    const codes = (await rejected.execute()).map(
      ({ problem }) => (problem as { code?: string } | null)?.code ?? "none",
    );
    expect(codes.filter((code) => !(code in errorTable) || VAGUE.has(code))).toEqual([]);
  });

  it("the service should be well after all that, and the read model what the chain says", async () => {
    expect((await stage.get("/health/ready")).body).toMatchObject({ status: "ready" });
    await stage.synced();
    expect((await stage.service.reconciler.run()).differences).toEqual([]);
  });
});
