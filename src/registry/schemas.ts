import { z } from "zod";
import { isStorable } from "../documents.js";
import { minBlockQuery } from "../http/pagination.js";
import { codeInput, hashInput } from "../http/primitives.js";

/** What a registrar says about something, for everybody to read. Only its hash goes on the chain. */
export const documentInput = z
  .record(z.string(), z.unknown())
  .refine(isStorable, "must not contain the zero character or half of a surrogate pair")
  .describe(
    "A public record, free of personal data. Its RFC 8785 canonical JSON is hashed with keccak-256; the hash goes on the chain.",
  );

export const reasonInput = z
  .string()
  .min(1)
  .max(2_000)
  .refine(isStorable, "must not contain the zero character or half of a surrogate pair")
  .describe("Kept as a public record; its hash goes on the chain.");

export const vintageInput = z.int().min(1970).max(9999);
/** In a query, where everything is text; parsed to a number. */
export const vintageFilter = z
  .string()
  .regex(/^[1-9]\d{3}$/, "must be a year")
  .transform(Number);
export const authorisedFilter = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .describe("Whether an authorisation under Article 6 is in force.");

export const codeParams = z.strictObject({ code: codeInput });
export const hashParams = z.strictObject({ id: hashInput });
export const oneQuery = z.strictObject(minBlockQuery);
export const emptyBody = z.strictObject({});
export const reasonBody = z.strictObject({ reason: reasonInput });
