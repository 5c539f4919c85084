import fc, { type Arbitrary } from "fast-check";

/** As much of JSON Schema as our OpenAPI document uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
}

export type Resolve = (ref: string) => JsonSchema;

/** Texts that somebody forgot to think of. */
const NASTY_TEXTS = [
  "",
  " ",
  "0",
  "-1",
  "1.5",
  "1e309",
  "NaN",
  "null",
  "9007199254740993",
  "9".repeat(78),
  "1".repeat(400),
  "0x",
  `0x${"0".repeat(40)}`,
  `0x${"f".repeat(64)}`,
  `0x${"ab".repeat(65)}`,
  "a\u0000b",
  "\ud800",
  "\u202e\ufeff",
  "Công ty",
  "../../etc/passwd",
  "%00",
  "%",
  "'; drop table operations; --",
  "{{7*7}}",
  "__proto__",
  "2024-02-30",
  "9999-12-31",
  "1969-12-31T23:59:60Z",
];

export const nastyText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY_TEXTS),
  fc.string({ unit: "binary", maxLength: 40 }),
);

/** Anything that JSON can say. */
export const nastyValue: Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: nastyText },
  { weight: 1, arbitrary: fc.constantFrom(null, true, 0, -1, 1.5, 1e21, 2 ** 53, [], {}, [[]], [null]) },
  { weight: 1, arbitrary: fc.constant(JSON.parse('{"__proto__":{"x":1},"constructor":{"prototype":1}}') as unknown) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/**
 * Values that mostly fit a schema, and here and there do not: so that some get past the first check and meet the second.
 * @param known Real values by the name of their field, to be taken now and then.
 */
export function almost(
  schema: JsonSchema,
  resolve: Resolve,
  known: Readonly<Record<string, readonly unknown[]>>,
  name = "",
): Arbitrary<unknown> {
  const again = (inner: JsonSchema, innerName = name) => almost(inner, resolve, known, innerName);
  if (schema.$ref !== undefined) return again(resolve(schema.$ref));
  const fitting = fittingValue(schema, again);
  const real = known[name];
  return fc.oneof(
    { weight: 60, arbitrary: fitting },
    ...(real === undefined ? [] : [{ weight: 240, arbitrary: fc.constantFrom(...real) }]),
    { weight: 1, arbitrary: nastyValue },
  );
}

function fittingValue(schema: JsonSchema, again: (inner: JsonSchema, name?: string) => Arbitrary<unknown>) {
  const alternatives = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (alternatives !== undefined) return fc.oneof(...alternatives.map((inner) => again(inner)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case "object":
      return objectOf(schema, again);
    case "array":
      return fc.array(again(schema.items ?? {}), { maxLength: 3 });
    case "string":
      return textOf(schema);
    case "integer":
    case "number":
      return fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 100, 2 ** 31 - 1) });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf(
  { properties = {}, required = [] }: JsonSchema,
  again: (inner: JsonSchema, name?: string) => Arbitrary<unknown>,
): Arbitrary<unknown> {
  const fields = Object.entries(properties);
  if (fields.length === 0) return fc.dictionary(nastyText, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
  const record = fc.record(Object.fromEntries(fields.map(([name, inner]) => [name, again(inner, name)])), {
    requiredKeys: required.filter((name) => name in properties),
  });
  return fc.oneof(
    { weight: 30, arbitrary: record },
    {
      weight: 1,
      arbitrary: fc.tuple(record, nastyText, nastyValue).map(([value, name, extra]) => ({ ...value, [name]: extra })),
    },
  );
}

function textOf({ pattern, format, minLength, maxLength }: JsonSchema): Arbitrary<string> {
  if (format === "date")
    return fc
      .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
  if (format === "date-time")
    return fc
      .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString());
  if (pattern !== undefined)
    return fc.stringMatching(new RegExp(pattern)).map((text) => text.slice(0, maxLength ?? 100));
  return fc.string({ unit: "grapheme", minLength: minLength ?? 0, maxLength: Math.min(maxLength ?? 40, 200) });
}
