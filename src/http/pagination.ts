import { z } from "zod";
import { Problem } from "../errors.js";
import { jsonText } from "../db/json.js";
import { blockNumberInput } from "./primitives.js";

export const MAX_PAGE = 200;
export const DEFAULT_PAGE = 50;

/** Query of every list. An out-of-range `limit` is a `page-size` problem, a bad `cursor` a `cursor-invalid` one. */
export const pageQuery = {
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, `must be from 1 to ${MAX_PAGE}`)
    .transform(Number)
    .refine((limit) => limit <= MAX_PAGE, `must be from 1 to ${MAX_PAGE}`)
    .optional()
    .transform((limit) => limit ?? DEFAULT_PAGE)
    .describe(`How many items, 1 to ${MAX_PAGE}; ${DEFAULT_PAGE} when left out.`),
  cursor: z.string().max(1_000).optional().describe("`next` of the page before."),
};

/** Query of every read: the answer must know this block. */
export const minBlockQuery = {
  minBlock: blockNumberInput.optional().describe("Wait (up to 10 s) until the answer knows this block."),
};

/** Query of a list in the read model. */
export const listQuery = { ...pageQuery, ...minBlockQuery };

/** The answer of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item),
    next: z.string().nullable().describe("`cursor` of the next page; null on the last."),
  });
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** An opaque cursor: the sort key of the last item. Integers are kept as decimal strings. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(jsonText(position), "utf8").toString("base64url");
}

/**
 * The sort key in a cursor, checked against its schema.
 * @throws Problem `cursor-invalid`
 */
export function decodeCursor<Position>(cursor: string | undefined, schema: z.ZodType<Position>): Position | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch (cause) {
    throw new Problem("cursor-invalid", undefined, {}, { cause });
  }
}

/**
 * A page from one row more than the limit: the extra row only tells that there is a next page.
 * @param positionOf The sort key of a row, for the cursor.
 */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => unknown,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? encodeCursor(positionOf(last)) : null;
  return { items: shown.map(toItem), next };
}
