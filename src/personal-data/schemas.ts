import { z } from "zod";
import { minBlockQuery } from "../http/pagination.js";
import { hash, hashInput, optional } from "../http/primitives.js";

export const PERSONAL_DATA_TAG = "Personal data";

const MAX_NAME = 200;
const MAX_IDENTIFIER = 40;

const text = (maximum: number) =>
  z
    .string()
    .min(1)
    .max(maximum)
    .refine(
      (given) => given.isWellFormed() && !given.includes("\u0000"),
      "must be well-formed Unicode without the zero character",
    );

export const personBody = z.strictObject({
  name: text(MAX_NAME).describe(
    "Of the natural person. Letters are composed (Unicode NFC) before they are committed to.",
  ),
  identifier: text(MAX_IDENTIFIER)
    .nullish()
    .transform((given) => given ?? null)
    .describe("Tax code or identity card, if the name alone does not say who it is."),
  salt: optional(hashInput).describe("32 random bytes. Left out: made here. Give it to repeat a request safely."),
  commitment: optional(hashInput).describe(
    "What is on the chain already; refused unless name, identifier and salt give it.",
  ),
});

export const commitmentSchema = z
  .strictObject({
    commitment: hash.describe("`beneficiaryCommitment` of the retirement."),
    salt: hash.describe("Who has it can prove the name for ever; keep it as you keep the name."),
  })
  .meta({ id: "BeneficiaryCommitment" });

export const beneficiarySchema = z
  .strictObject({ commitment: hash, name: z.string(), identifier: z.string().nullable(), salt: hash })
  .meta({ id: "Beneficiary" });

export const beneficiaryQuery = z.strictObject(minBlockQuery);

/** A number of a retirement; parsed to bigint. */
export const retirementParams = z.strictObject({
  id: z
    .string()
    .regex(/^[1-9]\d{0,17}$/, "must be a number from 1")
    .transform((digits) => BigInt(digits)),
});
export const commitmentParams = z.strictObject({ commitment: hashInput });
