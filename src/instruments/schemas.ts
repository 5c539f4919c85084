import { z } from "zod";

import { isStorable } from "../documents.js";
import { listQuery, minBlockQuery, pageOf, pageQuery } from "../http/pagination.js";
import { address, code, codeInput, dateTime, decimal, onChain, tonnesInput } from "../http/primitives.js";
import { CALENDAR_NAMES } from "./calendars.js";

export const INSTRUMENTS_TAG = "Instruments";

const MAX_PRICE = BigInt(Number.MAX_SAFE_INTEGER);

/** Minor units of the settlement currency per tonne; parsed to bigint. */
const priceInput = tonnesInput.refine((price) => price <= MAX_PRICE, "must be below 2^53");

const kind = z.enum(["credit", "allowance"]);

export const instrumentParams = z.strictObject({ batch: codeInput });
export const instrumentListQuery = z.strictObject(listQuery);
export const oneInstrumentQuery = z.strictObject(minBlockQuery);
export const decisionQuery = z.strictObject(pageQuery);

export const listingBody = z.strictObject({
  batch: codeInput,
  kind: kind.describe("Allowances are for those who may trade them. It never changes."),
});

export const definitionBody = z.strictObject({
  tick: priceInput.describe("Prices are multiples of it. Orders that stand in the book already stay there."),
  bandBasisPoints: z
    .int()
    .min(1)
    .max(9_999)
    .nullable()
    .describe("How far a price may be from the reference price, in basis points of it; null: no band."),
  referencePrice: priceInput
    .nullish()
    .transform((price) => price ?? null)
    .describe(
      "Counts from now on, until a later trading day closes with a price of its own. Left out: nothing changes.",
    ),
  calendar: z.enum(CALENDAR_NAMES),
});

export const reasonOfDecision = z.strictObject({
  reason: z
    .string()
    .min(1)
    .max(2_000)
    .refine(isStorable, "must not contain the zero character or half of a surrogate pair")
    .describe("For everybody to read."),
});

const marketSchema = z.strictObject({
  currency: z.string().describe("Symbol of the settlement currency. Prices and values are in its minor unit."),
  tick: decimal,
  bandBasisPoints: z.int().nullable(),
  referencePrice: decimal
    .nullable()
    .describe(
      "Of today: the last price of an earlier day, or what the operator has set since. Null: there is none yet, and so no band.",
    ),
  priceBand: z.strictObject({ low: decimal, high: decimal }).nullable().describe("Lowest and highest price of today."),
  calendar: z.enum(CALENDAR_NAMES),
  state: z.enum(["open", "halted"]).describe("`halted`: stopped by the guardian or the compliance officer."),
  stateReason: z.string().nullable(),
  updatedAt: dateTime,
});

export const instrumentSchema = z
  .strictObject({
    batch: code,
    kind,
    market: marketSchema.nullable().describe("Null: the operator has not defined it yet."),
    isOpen: z.boolean().describe("Orders are taken at this moment."),
    nextOpen: dateTime.nullable().describe("When the calendar opens next: now, while it is open."),
    nextClose: dateTime.nullable().describe("When the session ends that is under way or comes next."),
    ...onChain,
  })
  .meta({ id: "Instrument" });

export const instrumentPage = pageOf(instrumentSchema);

export const decisionSchema = z
  .strictObject({
    kind: z.enum(["definition", "halt", "resume"]),
    role: z.string(),
    account: address.nullable(),
    body: z.record(z.string(), z.unknown()).describe("The definition, or the reason."),
    at: dateTime,
  })
  .meta({ id: "MarketDecision" });

export const decisionPage = pageOf(decisionSchema);
