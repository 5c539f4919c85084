import { z } from "zod";

import { CANCELLATION_REASONS, PURPOSES } from "../chain/event-types.js";
import { listQuery, minBlockQuery, pageOf } from "../http/pagination.js";
import {
  address,
  addressInput,
  codeInput,
  dateTime,
  dayInput,
  decimal,
  hash,
  hashInput,
  idInput,
  onChain,
  serialBlock,
} from "../http/primitives.js";
import { managedTerms, managedUnits, signedBody, signedTerms, signedUnits, textInput } from "../intents/schemas.js";

export const RETIREMENTS_TAG = "Retirements";
export const CANCELLATIONS_TAG = "Cancellations";

const purpose = z.enum(PURPOSES);
const reason = z.enum(CANCELLATION_REASONS);

const BENEFICIARY = "The organisation on whose behalf; empty for a natural person. At most 200 bytes.";
const BENEFICIARY_ID = "LEI or tax code; empty for a natural person. At most 40 bytes.";
const COMMITMENT = "Salted commitment to a natural person's name; null for an organisation.";
const REASON = "At most 200 bytes.";
const DETAILS = "At most 1,000 bytes.";
const COUNTRY = "ISO 3166-1 alpha-2; null when not stated.";

const country = z.string().max(8);
const absentText = (text: string) =>
  textInput
    .nullish()
    .transform((given) => given ?? "")
    .describe(text);
const orNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((given) => given ?? null);

export const retirementIntent = z
  .strictObject({
    ...signedTerms,
    ...signedUnits,
    beneficiary: textInput.describe(BENEFICIARY),
    beneficiaryId: textInput.describe(BENEFICIARY_ID),
    beneficiaryCommitment: hashInput.nullable().describe(COMMITMENT),
    purpose,
    reason: textInput.describe(REASON),
    details: textInput.describe(DETAILS),
    consumptionCountry: country.nullable().describe(COUNTRY),
    consumptionPeriodStart: dayInput.nullable(),
    consumptionPeriodEnd: dayInput.nullable(),
  })
  .meta({ id: "RetirementIntent" });

const managedRetirement = z.strictObject({
  ...managedTerms,
  ...managedUnits,
  beneficiary: absentText(BENEFICIARY),
  beneficiaryId: absentText(BENEFICIARY_ID),
  beneficiaryCommitment: orNull(hashInput).describe(COMMITMENT),
  purpose,
  reason: absentText(REASON),
  details: absentText(DETAILS),
  consumptionCountry: orNull(country).describe(COUNTRY),
  consumptionPeriodStart: orNull(dayInput),
  consumptionPeriodEnd: orNull(dayInput),
});

export const retirementBody = z.union([signedBody(retirementIntent), managedRetirement]);

export const cancellationIntent = z
  .strictObject({ ...signedTerms, ...signedUnits, reason, details: textInput.describe(DETAILS) })
  .meta({ id: "CancellationIntent" });
const managedCancellation = z.strictObject({ ...managedTerms, ...managedUnits, reason, details: absentText(DETAILS) });
export const cancellationBody = z.union([signedBody(cancellationIntent), managedCancellation]);

/** What both kinds of record say. */
const record = {
  id: decimal,
  batch: z.string(),
  projectCode: z.string(),
  vintage: z.int(),
  serialBlocks: z.array(serialBlock),
  tonnes: decimal,
  account: address,
  participantId: z.int(),
};
const origin = {
  recordHash: hash.describe("As the contract stores it: keccak-256 of the ABI encoding of the record."),
  intentHash: hash.nullable().describe("Null: the holder called the contract itself."),
  ...onChain,
};

export const retirementSchema = z
  .strictObject({
    ...record,
    retiringEntity: z
      .string()
      .nullable()
      .describe("Name of the participant; null when its document is not known here."),
    beneficiary: z.string(),
    beneficiaryId: z.string(),
    beneficiaryCommitment: hash.nullable(),
    purpose,
    reason: z.string(),
    details: z.string(),
    consumptionCountry: z.string().nullable(),
    consumptionPeriodStart: z.string().nullable(),
    consumptionPeriodEnd: z.string().nullable(),
    retiredAt: dateTime,
    certificate: z
      .strictObject({ contract: address, tokenId: decimal })
      .describe("The ERC-721 token that stays with the account."),
    ...origin,
  })
  .meta({ id: "Retirement" });

export const cancellationSchema = z
  .strictObject({
    ...record,
    cancellingEntity: z
      .string()
      .nullable()
      .describe("Name of the participant; null when its document is not known here."),
    reason,
    details: z.string(),
    cancelledAt: dateTime,
    ...origin,
  })
  .meta({ id: "Cancellation" });

export const retirementPage = pageOf(retirementSchema);
export const cancellationPage = pageOf(cancellationSchema);

const recordQuery = {
  ...listQuery,
  account: addressInput.optional(),
  participantId: idInput.optional(),
  batch: codeInput.optional(),
  projectCode: codeInput.optional(),
  vintage: z
    .string()
    .regex(/^\d{4}$/, "must be a year")
    .transform(Number)
    .optional(),
  from: dayInput.optional().describe("First day, UTC."),
  to: dayInput.optional().describe("Last day, UTC."),
};

const searchText = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => !text.includes("\u0000"), "must not have the zero character");

export const retirementQuery = z.strictObject({
  ...recordQuery,
  purpose: purpose.optional(),
  beneficiary: searchText.optional().describe("Part of the name, in any case of letters."),
  beneficiaryId: searchText.optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, "must be two capital letters")
    .optional(),
});

export const cancellationQuery = z.strictObject({ ...recordQuery, reason: reason.optional() });
export const oneQuery = z.strictObject(minBlockQuery);

/** A number of a retirement or cancellation; parsed to bigint. */
export const recordParams = z.strictObject({
  id: z
    .string()
    .regex(/^[1-9]\d{0,17}$/, "must be a number from 1")
    .transform((text) => BigInt(text)),
});
