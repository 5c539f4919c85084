import { z } from "zod";
import { eventSchema } from "../events/schemas.js";
import { problemSchema } from "../http/act.js";
import { minBlockQuery } from "../http/pagination.js";
import { address, blockNumber, bytesInput, dateTime, decimal, hash, hashInput } from "../http/primitives.js";

export const rawTransactionBody = z.strictObject({
  raw: bytesInput.describe(
    "A signed transaction to one of the ledger's contracts, as `eth_sendRawTransaction` takes it.",
  ),
});

export const transactionParams = z.strictObject({ hash: hashInput });
export const transactionQuery = z.strictObject(minBlockQuery);

export const transactionSchema = z
  .strictObject({
    hash,
    from: address,
    to: address.nullable(),
    nonce: z.int().nonnegative(),
    status: z
      .enum(["pending", "final", "failed"])
      .describe("`pending`: in no block that the read model knows. `failed`: reverted, or another took its nonce."),
    blockNumber: blockNumber.nullable(),
    timestamp: dateTime.nullable(),
    gasUsed: decimal.nullable(),
    problem: problemSchema.nullable(),
    operations: z.array(z.string()).describe("Ids of the operations that it carries, in their order."),
    events: z.array(eventSchema).describe("What the ledger's contracts logged in it, in order."),
    links: z.strictObject({ self: z.string() }),
  })
  .meta({ id: "Transaction" });
