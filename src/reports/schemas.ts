import { z } from "zod";
import { CAD_COUNTRIES } from "./countries.js";

const ALPHA_2 = Object.keys(CAD_COUNTRIES) as [string, ...string[]];

export const article6Query = z.strictObject({
  party: z
    .enum(ALPHA_2, "must be a country that the data model knows, as VN")
    .default("VN")
    .describe("The Party that reports (ISO 3166-1 alpha-2)."),
  cooperativeApproach: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "must be 1 to 64 letters, digits, dots, hyphens or underlines")
    .default("NA")
    .describe("Id of the cooperative approach; `NA` when there is none yet."),
  year: z
    .string()
    .regex(/^(19|20)\d\d$/, "must be a year")
    .transform(Number)
    .refine((year) => year >= 1990, "must be from 1990 on")
    .optional()
    .describe(
      "Of the report: actions of this calendar year (UTC), and holdings at its end; when left out, of every year, and holdings of now.",
    ),
  version: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, "must be a number from 1")
    .transform(Number)
    .optional()
    .describe("Of the submission: 2 when one for this year was handed in before; 1 when left out."),
});
