import { z } from "zod";

import { listQuery, minBlockQuery, pageOf } from "../http/pagination.js";
import { addressInput, blockNumber, dateTime, dateTimeInput, hash, hashInput, idInput } from "../http/primitives.js";
import { operationSchema, problemSchema } from "../http/act.js";

export const operationParams = z.strictObject({
  id: z
    .string()
    .regex(/^(0x[0-9a-fA-F]{64}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/, "must be a hash or a UUID")
    .transform((id) => id.toLowerCase())
    .describe("The intent's hash for a signed intent, the transaction's for a raw transaction, a UUID otherwise."),
});

export const operationQuery = z.strictObject({
  ...listQuery,
  status: z.enum(["accepted", "sent", "final", "rejected"]).optional(),
  kind: z.string().min(1).max(64).optional(),
  account: addressInput.optional(),
  participantId: idInput.optional(),
  txHash: hashInput.optional(),
  since: dateTimeInput.optional().describe("Accepted at or after this time."),
});

export const oneOperationQuery = z.strictObject(minBlockQuery);

const storyStep = z
  .strictObject({
    step: z
      .enum(["accepted", "sent", "mined", "final", "rejected"])
      .describe("`sent` comes again when other fees were offered, or another transaction took the nonce."),
    at: dateTime.describe("Of `mined`: the block's own time, in whole seconds."),
    txHash: hash.nullable(),
    blockNumber: blockNumber.nullable(),
    outcome: z
      .enum(["pending", "mined", "reverted", "superseded"])
      .nullable()
      .describe("Of `sent`: what became of it."),
    problem: problemSchema.nullable().describe("Of `rejected`: why."),
    links: z.strictObject({ transaction: z.string().nullable() }),
  })
  .meta({ id: "StoryStep" });

export const storySchema = z
  .strictObject({ operation: operationSchema, steps: z.array(storyStep) })
  .meta({ id: "OperationStory" });

export const operationPage = pageOf(operationSchema);

/** Where a page ends: the place of its last item in the order of acceptance. */
export const operationPosition = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform((text) => BigInt(text));

export { operationSchema };
