import { z } from "zod";
import { errorTable, type ErrorCode } from "../errors.js";
import { describeAccess } from "./auth.js";
import { problemSchema } from "./act.js";
import type { Route, RouteDescription } from "./route.js";

type JsonObject = Record<string, unknown>;

export interface ApiInfo {
  readonly version: string;
  /** Tags in the order of the reference, with what they are about. */
  readonly tags: Readonly<Record<string, string>>;
}

const PREFIX = "/v1";

const DESCRIPTION = `A permissioned ledger of carbon credits: participants, projects, issuance, units with serial numbers, transfer and
retirement.

- Quantities, serial numbers, nonces and deadlines are decimal strings. Days are \`YYYY-MM-DD\`, times ISO 8601 in UTC.
- A request that asks for something to be done answers \`202\` with an *operation*; \`Prefer: wait=N\` waits until it is final.
- \`Idempotency-Key\` makes a repetition harmless: the same key with the same body gives the same operation.
- Refusals are \`application/problem+json\` (RFC 9457) with a stable \`code\`: see \`GET /v1/errors\`.
- A read takes \`minBlock\`: the answer then knows that block.`;

/** The OpenAPI 3.1 document of the routes. Nothing in it is written twice: the schemas are those that validate. */
export function openapiDocument(routes: readonly Route[], info: ApiInfo): JsonObject {
  const schemas: JsonObject = {};
  const toSchema = schemaCollector(schemas);
  toSchema(problemSchema, "output");

  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const path = (paths[`${PREFIX}${route.path}`] ??= {});
    path[route.method] = operation(route, toSchema);
  }

  return {
    openapi: "3.1.0",
    info: {
      title: "Carbon ledger",
      version: info.version,
      description: DESCRIPTION,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: Object.entries(info.tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas,
      securitySchemes: { apiKey: { type: "http", scheme: "bearer", bearerFormat: "cl_<id>_<secret>" } },
    },
  };
}

type ToSchema = (schema: z.ZodType, io: "input" | "output") => JsonObject;

/** Schemas with an `id` go to `components.schemas` once and are referred to. */
function schemaCollector(schemas: JsonObject): ToSchema {
  return (schema, io) => {
    // Wrapped, so that a named schema is a reference wherever it stands.
    const document = z.toJSONSchema(z.strictObject({ it: schema }), { target: "draft-2020-12", io }) as unknown as {
      $defs?: JsonObject;
      properties: { it: JsonObject };
    };
    for (const [id, definition] of Object.entries(document.$defs ?? {})) {
      const { id: _id, ...rest } = relocate(definition) as JsonObject;
      const known = schemas[id];
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(rest))
        throw new Error(`Two schemas are called ${id}.`);
      schemas[id] = rest;
    }
    return relocate(document.properties.it) as JsonObject;
  };
}

function relocate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocate);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) =>
      name === "$ref" && typeof member === "string"
        ? [name, member.replace("#/$defs/", "#/components/schemas/")]
        : [name, relocate(member)],
    ),
  );
}

function operation(route: RouteDescription, toSchema: ToSchema): JsonObject {
  return {
    operationId: operationId(route),
    summary: route.summary,
    ...describe(route),
    tags: [route.tag],
    security: securityOf(route),
    parameters: [
      ...parameters("path", route.params, toSchema),
      ...parameters("query", route.query, toSchema),
      ...(route.isAct ? actHeaders() : []),
    ],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: { required: true, content: bodyContent(route, toSchema(route.body, "input")) },
        }),
    responses: responses(route, toSchema),
  };
}

function bodyContent({ upload }: RouteDescription, schema: JsonObject): JsonObject {
  if (upload === undefined) return { "application/json": { schema } };
  const file = { type: "string", format: "binary", description: `At most ${upload.maxBytes} bytes.` };
  const { properties, required } = schema as { properties?: JsonObject; required?: string[] };
  const form = {
    ...schema,
    properties: { ...properties, [upload.field]: file },
    required: [...(required ?? []), upload.field],
  };
  return { "multipart/form-data": { schema: form } };
}

function describe(route: RouteDescription): JsonObject {
  const needs = route.access === "public" ? [] : [`Needs ${describeAccess(route.access)}.`];
  const text = [...(route.description === undefined ? [] : [route.description]), ...needs].join(" ");
  return text === "" ? {} : { description: text };
}

/** Stable name for generated clients: `get_participants_id`. */
function operationId(route: RouteDescription): string {
  return [route.method, ...route.path.split("/").filter(Boolean)].join("_").replace(/[{}]/g, "").replaceAll("-", "_");
}

function securityOf(route: RouteDescription): JsonObject[] {
  return route.access === "public" ? [{}, { apiKey: [] }] : [{ apiKey: [] }];
}

function parameters(place: "path" | "query", schema: z.ZodObject | undefined, toSchema: ToSchema): JsonObject[] {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, field]) => {
    const { description, ...rest } = toSchema(field as z.ZodType, "input");
    const required = place === "path" || !(field as z.ZodType).safeParse(undefined).success;
    return { name, in: place, required, ...(description === undefined ? {} : { description }), schema: rest };
  });
}

function actHeaders(): JsonObject[] {
  return [
    {
      name: "Idempotency-Key",
      in: "header",
      required: false,
      description: "The same key with the same body gives the same operation.",
      schema: { type: "string", minLength: 1, maxLength: 128 },
    },
    {
      name: "Prefer",
      in: "header",
      required: false,
      description: "`wait=N`: hold the answer until the operation is final, at most N (60) seconds.",
      schema: { type: "string" },
    },
  ];
}

function responses(route: RouteDescription, toSchema: ToSchema): JsonObject {
  const answers: JsonObject = {};
  for (const [status, answer] of Object.entries(route.answers)) {
    answers[status] = {
      description: answer.description,
      ...(route.events === undefined ? {} : { content: { "text/event-stream": eventStream(route.events, toSchema) } }),
      ...(answer.contentTypes === undefined ? {} : { content: binaryContent(answer.contentTypes) }),
      ...(answer.schema === undefined
        ? {}
        : { content: { "application/json": { schema: toSchema(answer.schema, "output") } } }),
    };
  }
  const byStatus = Map.groupBy(problemsOf(route), (code) => errorTable[code].status);
  for (const [status, codes] of [...byStatus].toSorted(([a], [b]) => a - b)) {
    answers[status] = problemResponse(codes.map((code) => `\`${code}\`: ${errorTable[code].title}.`).join(" "));
  }
  answers["default"] = problemResponse("Any other refusal of the error table.");
  return answers;
}

function binaryContent(types: readonly string[]): JsonObject {
  return Object.fromEntries(types.map((type) => [type, { schema: { type: "string", format: "binary" } }]));
}

/** OpenAPI 3.1 has no words for the events of a stream: their data stand in an extension. */
function eventStream(events: Readonly<Record<string, z.ZodType>>, toSchema: ToSchema): JsonObject {
  const data = Object.entries(events).map(([name, schema]): [string, JsonObject] => [name, toSchema(schema, "output")]);
  return { schema: { type: "string" }, "x-events": Object.fromEntries(data) };
}

function problemResponse(description: string): JsonObject {
  return { description, content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } };
}

function problemsOf(route: RouteDescription): ErrorCode[] {
  const codes: ErrorCode[] = [
    ...(route.problems ?? []),
    "unauthorized",
    "too-many-requests",
    "shutting-down",
    "database-unavailable",
  ];
  if (route.access !== "public" && route.access !== "key") codes.push("forbidden");
  if (route.params ?? route.query ?? route.body) codes.push("validation-failed");
  if (route.params !== undefined && route.method === "get") codes.push("not-found");
  const query = route.query?.shape ?? {};
  if ("limit" in query) codes.push("page-size", "cursor-invalid");
  if ("minBlock" in query) codes.push("read-model-behind");
  if (route.upload !== undefined) codes.push("unsupported-media-type", "upload-invalid", "upload-too-large");
  else if (route.body !== undefined) codes.push("malformed-json", "body-too-large", "unsupported-media-type");
  if (route.isAct) codes.push("idempotency-conflict", "idempotency-in-progress");
  return [...new Set(codes)];
}
