import { z } from "zod";

import { isStorable } from "../documents.js";
import { listQuery, minBlockQuery, pageOf } from "../http/pagination.js";
import {
  address,
  addressInput,
  blockNumberInput,
  codeInput,
  dateTime,
  dayInput,
  decimal,
  hash,
  idInput,
  onChain,
  serialBlock,
  uint256Input,
} from "../http/primitives.js";
import { managedTerms, managedUnits, signedBody, signedTerms, signedUnits, uint256Text } from "../intents/schemas.js";

export const HOLDINGS_TAG = "Holdings";
export const TRANSFERS_TAG = "Transfers";

export const holdingParams = z.strictObject({ account: addressInput, batch: codeInput });

export const holdingQuery = z.strictObject({
  ...listQuery,
  account: addressInput.optional(),
  participantId: idInput.optional(),
  batch: codeInput.optional(),
});

export const oneQuery = z.strictObject(minBlockQuery);
export const blocksQuery = z.strictObject(listQuery);

export const holdingSchema = z
  .strictObject({
    account: address,
    participantId: z.int().nullable().describe("Null: an address that is no participant's, frozen in advance."),
    batch: z.string(),
    tonnes: decimal,
    frozenTonnes: decimal.describe("May be more than is held."),
    links: z.strictObject({ self: z.string(), blocks: z.string() }),
  })
  .meta({ id: "Holding" });

export const holdingPage = pageOf(holdingSchema);
export const blockPage = pageOf(serialBlock);

export const freezeBody = z.strictObject({
  tonnes: uint256Input.describe("What the holder may not move from now on; 0 frees all. May exceed the holding."),
});

export const forcedTransferBody = z.strictObject({
  to: addressInput,
  tonnes: uint256Input.describe("At least 1. What is frozen is freed as far as the amount asks for it."),
});

export const pauseBody = z.strictObject({
  reason: z
    .string()
    .min(1)
    .max(2_000)
    .refine(isStorable, "must not contain the zero character or half of a surrogate pair")
    .nullish()
    .describe("Kept with the operation; not on the chain."),
});

export const unpauseBody = z.strictObject({});

export const transferIntent = z
  .strictObject({ ...signedTerms, to: addressInput, ...signedUnits })
  .meta({ id: "TransferIntent" });
const managedTransfer = z.strictObject({ ...managedTerms, to: addressInput, ...managedUnits });
export const transferBody = z.union([signedBody(transferIntent), managedTransfer]);

export const revocationIntent = z
  .strictObject({ ...signedTerms, revokedNonce: uint256Text.describe("The nonce of the intent to make void.") })
  .meta({ id: "RevocationIntent" });
const managedRevocation = z.strictObject({ ...managedTerms, revokedNonce: uint256Text });
export const revocationBody = z.union([signedBody(revocationIntent), managedRevocation]);

const kind = z.enum(["transfer", "forced", "recovery"]);

export const transferSchema = z
  .strictObject({
    id: z.string().describe("`<block>-<log index>`"),
    batch: z.string(),
    from: address,
    to: address,
    tonnes: decimal,
    blocks: z.array(serialBlock),
    kind,
    intentHash: hash
      .nullable()
      .describe("Null: the holder called the contract itself, or an institution moved the units."),
    logIndex: z.int(),
    timestamp: dateTime,
    ...onChain,
  })
  .meta({ id: "Transfer" });

export const transferPage = pageOf(transferSchema);

export const transferQuery = z.strictObject({
  ...listQuery,
  account: addressInput.optional().describe("On either side."),
  participantId: idInput.optional().describe("On either side."),
  batch: codeInput.optional(),
  kind: kind.optional(),
  fromBlock: blockNumberInput.optional(),
  toBlock: blockNumberInput.optional(),
  from: dayInput.optional().describe("First day, UTC."),
  to: dayInput.optional().describe("Last day, UTC."),
});

export const transferParams = z.strictObject({
  id: z.string().regex(/^(0|[1-9]\d{0,15})-(0|[1-9]\d{0,8})$/, "must be `<block>-<log index>`"),
});
