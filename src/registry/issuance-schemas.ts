import { z } from "zod";
import { ISSUANCE_STATUSES } from "../chain/event-types.js";
import { listQuery, pageOf } from "../http/pagination.js";
import {
  address,
  addressInput,
  blockNumber,
  code,
  codeInput,
  decimal,
  hash,
  hashInput,
  onChain,
  optional,
  publicDocument,
  serialInput,
  tonnesInput,
} from "../http/primitives.js";
import { documentInput, vintageInput } from "./schemas.js";

const [, ...KNOWN_STATUSES] = ISSUANCE_STATUSES;
const issuanceStatus = z.enum(KNOWN_STATUSES);

export const foreignBlock = z
  .strictObject({ programme: code, series: code, start: decimal, end: decimal })
  .describe("The serial block of another programme's registry that backs an import. Both ends inclusive.");

export const issuanceSchema = z
  .strictObject({
    id: hash,
    batch: code,
    projectCode: code,
    statementId: hash,
    vintage: z.int(),
    tonnes: decimal,
    recipient: address,
    foreignBlock: foreignBlock.nullable(),
    documentHash: hash,
    document: publicDocument.nullable(),
    status: issuanceStatus,
    proposer: address,
    approver: address.nullable(),
    rejecter: address.nullable(),
    reason: z.string().nullable().describe("Of the rejection; null also when this service does not know the text."),
    proposedBlock: blockNumber,
    decidedBlock: blockNumber.nullable(),
    ...onChain,
  })
  .meta({ id: "Issuance" });

export const issuancePage = pageOf(issuanceSchema);

export const issuanceQuery = z.strictObject({
  ...listQuery,
  status: issuanceStatus.optional(),
  batch: codeInput.optional(),
  projectCode: codeInput.optional(),
  statementId: hashInput.optional(),
});

const foreignBlockInput = z.strictObject({
  programme: codeInput,
  series: codeInput,
  start: serialInput,
  end: serialInput,
});

export const newIssuanceBody = z.strictObject({
  statementId: hashInput,
  batch: codeInput.describe("Code of the batch to be; never used before."),
  vintage: vintageInput,
  tonnes: tonnesInput,
  recipient: addressInput.describe("An active account of the project's owner."),
  foreignBlock: optional(foreignBlockInput).describe("For an import: as long as the issuance."),
  document: documentInput,
});
