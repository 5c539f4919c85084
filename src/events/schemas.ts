import { z } from "zod";
import { LEDGER_CONTRACTS } from "../chain/event-types.js";
import { listQuery, pageOf } from "../http/pagination.js";
import { blockNumber, blockNumberInput, hash, hashInput } from "../http/primitives.js";

export const eventSchema = z
  .strictObject({
    contract: z.enum(LEDGER_CONTRACTS),
    name: z.string().describe("As in the contract's interface."),
    args: z
      .record(z.string(), z.unknown())
      .describe(
        "By name: integers of up to 48 bits as numbers, wider ones as decimal strings, batches and projects as codes.",
      ),
    blockNumber,
    logIndex: z.int().nonnegative(),
    txHash: hash,
    links: z.strictObject({ transaction: z.string() }),
  })
  .meta({ id: "Event" });

export const eventPage = pageOf(eventSchema);

export const eventQuery = z.strictObject({
  ...listQuery,
  contract: z.enum(LEDGER_CONTRACTS).optional(),
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/, "must be the name of an event")
    .optional(),
  fromBlock: blockNumberInput.optional(),
  toBlock: blockNumberInput.optional(),
  txHash: hashInput.optional(),
});
