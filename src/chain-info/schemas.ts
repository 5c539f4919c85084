import { z } from "zod";
import { minBlockQuery } from "../http/pagination.js";
import { address, blockNumber, dateTime, hash } from "../http/primitives.js";
import { INSTITUTIONAL_ROLES } from "../principal.js";

const domain = z.strictObject({ name: z.string(), version: z.string(), chainId: z.int(), verifyingContract: address });

export const chainQuery = z.strictObject(minBlockQuery);

export const chainSchema = z
  .strictObject({
    chainId: z.int(),
    name: z.string(),
    head: z.strictObject({ number: blockNumber, hash, timestamp: dateTime }).describe("The chain's latest block."),
    projected: z.strictObject({ number: blockNumber, hash }).describe("The latest block that this API's answers know."),
    genesisHash: hash.describe("The hash of block 0: what makes this chain this one."),
    confirmations: z.int().describe("Blocks that must stand above a block before its contents count here."),
    contracts: z.strictObject({
      access: address,
      participants: address,
      registry: address,
      units: address,
      retirements: address,
      intents: address,
      cash: address.describe("The settlement currency."),
      exchange: address,
    }),
    domains: z
      .strictObject({ intents: domain, registry: domain, exchange: domain })
      .describe("EIP-712 domains: of a holder's intents, of a verifier's statements, and of orders and deals."),
    roles: z.record(z.enum(INSTITUTIONAL_ROLES), z.array(address)).describe("Who holds which institutional role."),
    bufferAccount: address.nullable().describe("Where the part of every issuance goes that insures against reversals."),
    paused: z.boolean().describe("True while a guardian has stopped every movement of units."),
  })
  .meta({ id: "Chain" });

export const stateHashSchema = z
  .strictObject({
    blockNumber,
    stateHash: hash.describe("SHA-256 over every row of the read model."),
  })
  .meta({ id: "StateHash" });

const reconciliation = {
  blockNumber: blockNumber
    .nullable()
    .describe("Where the two were compared; null when nothing was read from the chain yet."),
  compared: z.int().nonnegative().describe("Facts compared."),
  differences: z.array(
    z.strictObject({
      what: z.string(),
      which: z.string(),
      readModel: z.string().describe("JSON text."),
      chain: z.string().describe("JSON text."),
    }),
  ),
};

export const reconciliationSchema = z.strictObject(reconciliation).meta({ id: "Reconciliation" });
