import { z } from "zod";

import { listQuery, minBlockQuery, pageOf } from "../http/pagination.js";
import { address, addressInput, codeInput, dateTime, decimal, hash, idInput, onChain } from "../http/primitives.js";
import { managedTerms, signedBody, signedTerms, uint128Text } from "../intents/schemas.js";

export const POSITIONS_TAG = "Positions";

const assetInput = codeInput.nullable().describe("Null: cash.");
const leavingAmount = uint128Text.describe("At least 1: tonnes of the batch, or cash in minor units.");

const withdrawalIntent = z
  .strictObject({ ...signedTerms, batch: assetInput, amount: leavingAmount })
  .meta({ id: "ExchangeWithdrawalIntent" });
export const withdrawalBody = z.union([
  signedBody(withdrawalIntent),
  z.strictObject({ ...managedTerms, batch: assetInput, amount: leavingAmount }),
]);

export const accountParams = z.strictObject({ address: addressInput });
export const recoveryBody = z.strictObject({ batch: assetInput });
export const withdrawalParams = z.strictObject({
  id: z.string().regex(/^(0|[1-9]\d{0,15})-(0|[1-9]\d{0,8})$/, "must be `<block>-<log index>`"),
});

const withdrawalStatus = z.enum(["leaving", "withdrawn", "cancelled", "recovered"]);
const ownerQuery = { account: addressInput.optional(), participantId: idInput.optional() };
const assetQuery = z
  .union([codeInput, z.literal("cash")])
  .optional()
  .transform((asset) => (asset === "cash" ? "" : asset))
  .describe("A batch, or `cash`.");

export const oneQuery = z.strictObject(minBlockQuery);
export const positionQuery = z.strictObject({ ...listQuery, ...ownerQuery, batch: assetQuery });
export const withdrawalQuery = z.strictObject({
  ...listQuery,
  ...ownerQuery,
  batch: assetQuery,
  status: withdrawalStatus.optional(),
});

const asset = z.string().nullable().describe("Null: cash.");

export const positionSchema = z
  .strictObject({
    account: address,
    participantId: z.int().nullable(),
    batch: asset,
    amount: decimal.describe("Tonnes, or cash in minor units."),
    leaving: decimal.describe("Asked to be withdrawn."),
    availableAt: dateTime
      .nullable()
      .describe("From then on the owner can take what is leaving without anybody's help."),
    reserved: decimal.describe("Promised to open orders, deals, bids, and trades on their way to the chain."),
    available: decimal.describe("What is neither leaving nor reserved."),
  })
  .meta({ id: "Position" });

export const withdrawalSchema = z
  .strictObject({
    id: z.string().describe("`<block>-<log index>`"),
    account: address,
    batch: asset,
    amount: decimal,
    status: withdrawalStatus,
    availableAt: dateTime,
    intentHash: hash.nullable().describe("Null: the account asked the contract itself."),
    requestedAt: dateTime,
    closedAt: dateTime.nullable(),
    ...onChain,
  })
  .meta({ id: "Withdrawal" });

export const positionPage = pageOf(positionSchema);
export const withdrawalPage = pageOf(withdrawalSchema);

export type WithdrawalBody = z.output<typeof withdrawalBody>;
