import { z } from "zod";

import { operationSchema, problemSchema } from "../http/act.js";
import { signedBody } from "../intents/schemas.js";
import { cancellationIntent, retirementIntent } from "../retirements/schemas.js";
import { revocationIntent, transferIntent } from "../transfers/schemas.js";

export const SIGNED_INTENTS_TAG = "Signed intents";

/** The most intents in one request. As many as one transaction carries. */
export const MAX_INTENTS = 100;

const signedIntent = z
  .discriminatedUnion("kind", [
    signedBody(transferIntent).extend({ kind: z.literal("transfer") }),
    signedBody(retirementIntent).extend({ kind: z.literal("retirement") }),
    signedBody(cancellationIntent).extend({ kind: z.literal("cancellation") }),
    signedBody(revocationIntent).extend({ kind: z.literal("revocation") }),
  ])
  .meta({ id: "SignedIntent" });

export type SignedIntentInput = z.output<typeof signedIntent>;

export const signedIntentsBody = z.strictObject({
  items: z.array(signedIntent).min(1).max(MAX_INTENTS).describe("Of any kinds and any accounts, in any order."),
});

export const signedIntentsAnswer = z
  .strictObject({
    items: z
      .array(
        z.union([
          z.strictObject({
            status: z.union([z.literal(200), z.literal(201), z.literal(202)]),
            operation: operationSchema,
          }),
          z.strictObject({ status: z.int().min(400), problem: problemSchema }),
        ]),
      )
      .describe("One for each intent, in their order: what it would have been answered in a request of its own."),
  })
  .meta({ id: "SignedIntentsAnswer" });
