import type { ClientFunction, Shape } from "./client-surface.js";

/** A JSON schema, as far as the API's document uses it. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly (string | number | null)[];
  readonly const?: string | number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** What any function may be told that is not for the service: how to ask, and how to go on. */
const OWN_OPTIONS = new Set(["signal", "idempotencyKey", "waitSeconds", "attempts", "silenceMilliseconds"]);
/** What streams and pages take by themselves. */
const TAKEN_CARE_OF = new Set(["limit", "cursor", "minBlock", "gap", "from"]);
/** Of longer lists, as that of countries, the client names no values. */
const LONGEST_LIST = 50;
/** Members that the client leaves open, since more may come: what a link, a result, a problem is called. */
const OPEN_MEMBERS = new Set(["links", "problem", "result", "evidence", "errors"]);

/**
 * Where the client and the document of the API say different things: filters, bodies, answers.
 * @param requests What each function asks for, as `POST /v1/participants`.
 */
export function comparisons(
  document: ApiDocument,
  functions: readonly ClientFunction[],
  requests: ReadonlyMap<string, readonly string[]>,
): string[] {
  const faults: string[] = [];
  const reader = new SchemaReader(document.components.schemas);
  for (const [path, methods] of Object.entries(document.paths)) {
    const pattern = new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`);
    for (const [method, operation] of Object.entries(methods)) {
      const asks = (one: string): boolean => {
        const [asked = "", at = ""] = one.split(" ");
        return asked.toLowerCase() === method && pattern.test(at) && bestPath(document, at) === path;
      };
      const callers = functions.filter(({ name }) => requests.get(name)?.some(asks));
      const route = `${method.toUpperCase()} ${path}`;
      faults.push(...compareWords(reader, route, operation, callers));
      faults.push(...compareAnswers(reader, route, operation, callers));
    }
  }
  return [...new Set(faults)];
}

/** `/v1/checkpoints/latest` rather than `/v1/checkpoints/{number}`. */
function bestPath({ paths }: ApiDocument, at: string): string | undefined {
  return paths[at] === undefined ? Object.keys(paths).find((path) => matches(path, at)) : at;
}

function matches(path: string, at: string): boolean {
  return new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, "[^/]+")}$`).test(at);
}

/** What may be told: in the query, and in the body. */
function compareWords(reader: SchemaReader, route: string, operation: Operation, callers: readonly ClientFunction[]) {
  const query = (operation.parameters ?? []).filter((one) => one.in === "query");
  const places = (operation.parameters ?? []).filter((one) => one.in === "path").map(({ name }) => name);
  const body = Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => reader.read(schema));
  const known = new Map<string, Read>(query.map(({ name, schema }) => [name, reader.read(schema)]));
  for (const { members } of body) for (const [name, { schema }] of members ?? []) known.set(name, reader.read(schema));

  const faults: string[] = [];
  const told = new Map<string, Shape>();
  for (const { name: caller, parameters } of callers) {
    for (const [name, shape] of parameters) {
      told.set(name, shape);
      for (const [member, { shape: of }] of shape.members ?? []) {
        told.set(member, of());
        const isKnown =
          known.has(member) || OWN_OPTIONS.has(member) || TAKEN_CARE_OF.has(member) || places.includes(member);
        if (!isKnown && isToldToService(shape))
          faults.push(`${route}: ${caller} takes ${member}, which the API does not`);
      }
    }
  }
  for (const [name, { values }] of known) {
    const shape = told.get(name);
    if (shape === undefined && !TAKEN_CARE_OF.has(name)) faults.push(`${route}: nothing of the client takes ${name}`);
    if (values === null || values.size > LONGEST_LIST || shape === undefined || !shape.kinds.has("string")) continue;
    if (shape.values === null) faults.push(`${route}: ${name} is one of ${listOf(values)}, the client takes any`);
    else faults.push(...compareValues(`${route} ${name}`, values, shape.values));
  }
  return faults;
}

/** Files and dates are objects, too. */
function isToldToService({ members }: Shape): boolean {
  return members !== null && !members.has("arrayBuffer");
}

/** A function of the client may give one of several answers: that which fits best counts. */
function compareAnswers(reader: SchemaReader, route: string, operation: Operation, callers: readonly ClientFunction[]) {
  const schemas = Object.entries(operation.responses).flatMap(([status, { content }]) => {
    const schema = status.startsWith("2") ? content?.["application/json"]?.schema : undefined;
    return schema === undefined ? [] : reader.alternatives(schema);
  });
  return callers.flatMap(({ name, answer }) => {
    if (answer === null || answer.members?.has("headers")) return [];
    const tries = schemas.map((schema) => compare(reader, `${route} ${name}`, reader.read(schema), answer));
    return tries.toSorted((a, b) => a.length - b.length)[0] ?? [];
  });
}

function compare(reader: SchemaReader, place: string, read: Read, shape: Shape, depth = 0): string[] {
  if (shape.kinds.size === 0 || read.kinds.size === 0 || depth > 8) return [];
  const faults: string[] = [];
  if (read.isNullable !== shape.isNullable) {
    faults.push(`${place}: ${read.isNullable ? "may be null, says the API" : "is never null, says the API"}`);
  }
  const [kinds, own] = [[...read.kinds].sort().join("|"), [...shape.kinds].sort().join("|")];
  if (kinds !== own) return [...faults, `${place}: is ${kinds}, the client says ${own}`];
  if (read.values !== null) {
    if (shape.values !== null) faults.push(...compareValues(place, read.values, shape.values));
    else faults.push(`${place}: is one of ${listOf(read.values)}, the client says any`);
  }
  if (read.item !== null && shape.item !== null) {
    faults.push(...compare(reader, `${place}[]`, reader.read(read.item), shape.item(), depth + 1));
  }
  if (read.members === null || shape.members === null) return faults;
  for (const [name, { schema, isOptional }] of read.members) {
    const member = shape.members.get(name);
    if (member === undefined) {
      faults.push(`${place}.${name}: the client does not know it`);
      continue;
    }
    if (member.isOptional !== isOptional) {
      faults.push(`${place}.${name}: is ${isOptional ? "not always" : "always"} there`);
    }
    if (OPEN_MEMBERS.has(name)) continue;
    faults.push(...compare(reader, `${place}.${name}`, reader.read(schema), member.shape(), depth + 1));
  }
  for (const name of shape.members.keys()) {
    if (!read.members.has(name)) faults.push(`${place}.${name}: is not in the API`);
  }
  return faults;
}

const listOf = (values: ReadonlySet<string>): string => [...values].join(", ");

function compareValues(place: string, api: ReadonlySet<string>, client: ReadonlySet<string>): string[] {
  return [
    ...[...api].filter((value) => !client.has(value)).map((value) => `${place}: the client does not know "${value}"`),
    ...[...client].filter((value) => !api.has(value)).map((value) => `${place}: "${value}" is not in the API`),
  ];
}

/** A schema, with its alternatives together. */
interface Read {
  readonly kinds: ReadonlySet<string>;
  readonly isNullable: boolean;
  readonly values: ReadonlySet<string> | null;
  readonly members: ReadonlyMap<string, { readonly schema: Schema; readonly isOptional: boolean }> | null;
  readonly item: Schema | null;
}

class SchemaReader {
  constructor(private readonly named: Readonly<Record<string, Schema>>) {}

  /** The whole, and each of several answers alone. */
  alternatives(schema: Schema): Schema[] {
    const parts = this.parts(schema);
    return parts.length > 1 ? [schema, ...parts] : [schema];
  }

  read(schema: Schema): Read {
    const parts = this.parts(schema);
    const kinds = new Set<string>();
    const values = new Set<string>();
    let areNamed = true;
    let members: Map<string, { schema: Schema; isOptional: boolean }> | null = null;
    const objects = parts.filter(({ properties }) => properties !== undefined);
    for (const part of parts) {
      const own = part.const === undefined ? part.enum : [part.const];
      for (const type of typesOf(part)) {
        const kind = type === "integer" ? "number" : type;
        if (kind !== "null") kinds.add(kind);
        if ((kind === "string" || kind === "number") && own === undefined) areNamed = false;
      }
      for (const value of own ?? []) if (value !== null) values.add(String(value));
      for (const [name, of] of Object.entries(part.properties ?? {})) {
        members ??= new Map();
        const isRequired = objects.every((one) => one.required?.includes(name));
        const isEverywhere = objects.every((one) => one.properties?.[name] !== undefined);
        members.set(name, { schema: of, isOptional: !isRequired || !isEverywhere });
      }
    }
    return {
      kinds,
      isNullable: parts.some((part) => typesOf(part).includes("null")),
      values: areNamed && values.size > 0 ? values : null,
      members,
      item: parts.find(({ items }) => items !== undefined)?.items ?? null,
    };
  }

  private parts(schema: Schema): Schema[] {
    if (schema.$ref !== undefined) return this.parts(this.named[schema.$ref.split("/").at(-1) ?? ""] ?? {});
    const alternatives = schema.anyOf ?? schema.oneOf;
    return alternatives === undefined ? [schema] : alternatives.flatMap((one) => this.parts(one));
  }
}

function typesOf({ type = [] }: Schema): readonly string[] {
  return typeof type === "string" ? [type] : type;
}
