import { z } from "zod";

import { problemSchema } from "../http/act.js";
import { pageOf, pageQuery } from "../http/pagination.js";
import {
  address,
  addressInput,
  blockNumber,
  codeInput,
  dateTime,
  decimal,
  hash,
  hashInput,
} from "../http/primitives.js";
import { managedTerms, signatureInput, uint256Text } from "../intents/schemas.js";
import { basisPointsText } from "../market/schemas.js";

export const DEALS_TAG = "Deals";

const side = z.enum(["buyer", "seller"]);

/** What both parties sign; in its one normal form, from the door to the digest. */
const terms = {
  batch: codeInput,
  tonnes: uint256Text.describe("At least 1, below 2^40."),
  price: uint256Text.describe("Per tonne, in minor units of the settlement currency."),
  maximumFeeBasisPoints: basisPointsText.describe(
    "The highest fee that each party accepts, in basis points of the value.",
  ),
  expiresAt: uint256Text.describe("Unix time in seconds; it settles before, or not at all. At most 31 days from now."),
};

const dealInput = z
  .strictObject({
    seller: addressInput,
    buyer: addressInput,
    ...terms,
    nonce: uint256Text.describe("Any number; tells deals with the same terms apart. Take 256 random bits."),
  })
  .meta({ id: "Deal" });

const signedReport = z.strictObject({
  deal: dealInput,
  signature: signatureInput,
  reportedBy: side.describe("Whose signature it is."),
});

const managedReport = z.strictObject({
  ...managedTerms,
  side: side.describe("What the managed account is in the deal."),
  counterparty: addressInput,
  ...terms,
  nonce: uint256Text
    .nullish()
    .describe("With a nonce of yours the same request again is the same deal; left out: 256 random bits."),
});

export const reportBody = z.union([signedReport, managedReport]);

export const confirmationBody = z.union([
  z.strictObject({ signature: signatureInput.describe("Of the party that did not report, over the same deal.") }),
  z.strictObject(managedTerms),
]);

export const dealParams = z.strictObject({ id: hashInput.describe("EIP-712 digest of the deal.") });

const status = z
  .enum(["reported", "confirmed", "settled", "failed", "cancelled", "expired"])
  .describe("Reported by one party; confirmed by both, and on its way; settled on the chain, or failed there.");

export const dealQuery = z.strictObject({
  ...pageQuery,
  status: status.optional(),
  batch: codeInput.optional(),
  account: addressInput.optional().describe("On either side."),
});

export const dealSchema = z
  .strictObject({
    id: hash,
    status,
    deal: z
      .strictObject({
        seller: address,
        buyer: address,
        batch: z.string(),
        tonnes: decimal,
        price: decimal,
        maximumFeeBasisPoints: decimal,
        expiresAt: decimal,
        nonce: decimal,
      })
      .describe("What both sign."),
    value: decimal.describe("Tonnes times price."),
    sellerParticipantId: z.int(),
    buyerParticipantId: z.int(),
    reportedBy: side,
    confirmBy: dateTime.describe("From then on it is too late for a confirmation."),
    cancelledBy: side.nullable(),
    txHash: hash.nullable(),
    blockNumber: blockNumber.nullable(),
    problem: problemSchema.nullable().describe("Why it failed."),
    createdAt: dateTime,
    updatedAt: dateTime,
    links: z.strictObject({
      self: z.string(),
      confirmation: z.string().nullable().describe("Where the other party sends its signature, as long as it may."),
      settlement: z.string().nullable().describe("Once confirmed: the operation that settles it."),
      transaction: z.string().nullable(),
    }),
  })
  .meta({ id: "ReportedDeal" });

export const dealPage = pageOf(dealSchema);
