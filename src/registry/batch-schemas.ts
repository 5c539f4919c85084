import { z } from "zod";
import { FIRST_TRANSFERS } from "../chain/event-types.js";
import { listQuery, pageOf } from "../http/pagination.js";
import { address, code, codeInput, decimal, hash, onChain, serialBlock } from "../http/primitives.js";
import { AUTHORISATIONS } from "./authorisations.js";
import { foreignBlock } from "./issuance-schemas.js";
import { authorisedFilter, documentInput, vintageFilter } from "./schemas.js";

const authorisation = z.enum(AUTHORISATIONS);
const firstTransfer = z.enum(FIRST_TRANSFERS);

export const batchSchema = z
  .strictObject({
    code,
    projectCode: code,
    statementId: hash,
    vintage: z.int(),
    issuedTonnes: decimal,
    heldTonnes: decimal,
    retiredTonnes: decimal,
    cancelledTonnes: decimal,
    bufferTonnes: decimal.describe("Went to the buffer account at issuance; part of `issuedTonnes`."),
    authorisations: z.array(authorisation).describe("Purposes that the host country authorised (Article 6)."),
    firstTransfer: firstTransfer.describe("Which act counts as the first transfer under Article 6.2."),
    authorisationDocumentHash: hash.nullable(),
    authorisationRevoked: z.boolean(),
    corsiaEligible: z.boolean(),
    paused: z.boolean(),
    foreignBlock: foreignBlock.nullable(),
    ...onChain,
  })
  .meta({ id: "Batch" });

export const batchPage = pageOf(batchSchema);

export const batchQuery = z.strictObject({
  ...listQuery,
  projectCode: codeInput.optional(),
  vintage: vintageFilter.optional(),
  programme: codeInput.optional().describe("Imports from this programme only."),
  authorised: authorisedFilter.optional(),
});

export const authorisationBody = z.strictObject({
  authorisations: z
    .array(authorisation)
    .min(1)
    .max(AUTHORISATIONS.length)
    .describe("All purposes, those granted before included: purposes are added, never dropped."),
  firstTransfer,
  document: documentInput.describe("The public record of the authorisation."),
});

export const serialParams = z.strictObject({
  code: codeInput,
  serial: z
    .string()
    .regex(/^[1-9]\d{0,19}$/, "must be a serial number from 1")
    .transform((text) => BigInt(text)),
});

export const serialSchema = z
  .strictObject({
    batch: code,
    serial: decimal,
    state: z.enum(["held", "retired", "cancelled"]),
    block: serialBlock.describe("The longest run of serials around it with the same fate."),
    account: address.describe("Who holds it, or who retired or cancelled it."),
    retirementId: decimal.nullable(),
    cancellationId: decimal.nullable(),
    links: z.record(z.string(), z.string().nullable()),
  })
  .meta({ id: "Serial" });
