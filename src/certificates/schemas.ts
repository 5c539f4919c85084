import { z } from "zod";
import { minBlockQuery } from "../http/pagination.js";
import { LANGUAGES } from "./words.js";

export const CERTIFICATES_TAG = "Certificates";

export const certificateQuery = z.strictObject(minBlockQuery);
export const languageQuery = z.strictObject({
  ...minBlockQuery,
  language: z.enum(LANGUAGES).default("vi").describe("Vietnamese, English or French."),
});

/** A number of a retirement; parsed to bigint. */
export const certificateParams = z.strictObject({
  id: z
    .string()
    .regex(/^[1-9]\d{0,17}$/, "must be a number from 1")
    .transform((text) => BigInt(text)),
});

/** What `tokenURI` names: metadata of ERC-721. */
export const certificateSchema = z
  .strictObject({
    name: z.string(),
    description: z.string(),
    external_url: z.string().describe("The certificate's public page."),
    attributes: z.array(z.strictObject({ trait_type: z.string(), value: z.union([z.string(), z.int()]) })),
    links: z.strictObject({ self: z.string(), page: z.string(), pdf: z.string(), proof: z.string() }),
  })
  .meta({ id: "Certificate" });
