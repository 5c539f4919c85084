import { z } from "zod";

import { minBlockQuery, pageOf, pageQuery } from "../http/pagination.js";
import {
  address,
  addressInput,
  blockNumberInput,
  boundedInteger,
  bytesInput,
  codeInput,
  dateTime,
  decimal,
  hash,
} from "../http/primitives.js";
import { CHECKPOINT_ROLES } from "./checkpoint-store.js";

export const PROOFS_TAG = "Proofs";
export const CHECKPOINTS_TAG = "Checkpoints";

/** Ids are gap-free and an `int8` in the read model. */
const numberInput = boundedInteger(1n, 2n ** 63n - 1n, "2^63 - 1");

export const retirementParams = z.strictObject({ id: numberInput.describe("Number of the retirement.") });
export const holdingParams = z.strictObject({ account: addressInput, batch: codeInput });
export const waitQuery = z.strictObject(minBlockQuery);
export const holdingQuery = z.strictObject({
  ...minBlockQuery,
  block: blockNumberInput.optional().describe("As of this block; the newest checkpoint's when left out."),
});
export const trustQuery = z.strictObject({
  block: blockNumberInput.optional().describe("With the validators of this block; of the newest when left out."),
});

export const checkpointParams = z.strictObject({ number: numberInput });
export const consistencyQuery = z.strictObject({ from: numberInput.describe("Number of the older checkpoint.") });
export const checkpointsQuery = z.strictObject(pageQuery);
export const signatureBody = z.strictObject({
  role: z.enum(CHECKPOINT_ROLES),
  signature: bytesInput.describe("65 bytes over the checkpoint's digest: r, s, and v of 27 or 28."),
});

const role = z.enum(CHECKPOINT_ROLES);

export const checkpointSchema = z
  .strictObject({
    checkpoint: z
      .strictObject({
        number: decimal,
        blockNumber: decimal,
        blockHash: hash,
        stateRoot: hash,
        blockTimestamp: decimal.describe("Unix seconds."),
        retirementCount: decimal,
        logRoot: hash.describe("Root of the RFC 6962 log of all retirements so far."),
        previous: hash.describe("Digest of the checkpoint before; zero for the first."),
      })
      .describe("What is signed (EIP-712)."),
    digest: hash,
    complete: z.boolean().describe("Both roles have signed, by accounts that still hold them."),
    missing: z.array(role),
    signatures: z.array(z.strictObject({ role, signer: address, signature: z.string() })),
    createdAt: dateTime,
    links: z.record(z.string(), z.string().nullable()),
  })
  .meta({ id: "Checkpoint" });

export const checkpointPage = pageOf(checkpointSchema);

export const consistencySchema = z
  .strictObject({
    older: checkpointSchema,
    newer: checkpointSchema,
    path: z.array(hash).describe("RFC 6962 §2.1.2, the lowest first."),
  })
  .meta({ id: "Consistency" });
