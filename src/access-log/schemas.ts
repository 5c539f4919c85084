import { z } from "zod";
import { pageOf, pageQuery } from "../http/pagination.js";
import { dateTime, dateTimeInput, decimal } from "../http/primitives.js";

export const accessLogQuery = z.strictObject({
  ...pageQuery,
  keyId: z
    .string()
    .regex(/^[0-9a-f]{16}$/, "must be a key's id")
    .optional(),
  from: dateTimeInput.optional().describe("The earliest moment, inclusive."),
  to: dateTimeInput.optional().describe("The moment before which, exclusive."),
});

export const accessEntrySchema = z
  .strictObject({
    seq: decimal.describe("Counts the reads."),
    at: dateTime,
    keyId: z.string(),
    scope: z.string(),
    role: z.string().nullable().describe("Of a key of scope `role`."),
    method: z.string(),
    route: z.string().describe("Path of the route, with the names of its parameters."),
    url: z.string().describe("Path and query as they came."),
    requestId: z.string(),
  })
  .meta({ id: "AccessEntry" });

export const accessLogPage = pageOf(accessEntrySchema);
