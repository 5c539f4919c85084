import { z } from "zod";

import { keccak256OfText } from "../chain/keccak.js";
import { isStorable } from "../documents.js";
import { listQuery, minBlockQuery, pageOf } from "../http/pagination.js";
import {
  address,
  addressInput,
  blockNumber,
  boundedInteger,
  dateTime,
  day,
  dayInput,
  decimal,
  hash,
  hashInput,
  idInput,
  onChain,
} from "../http/primitives.js";
import { managedTerms, signedBody, signedTerms, signatureInput, uint128Text, uint256Text } from "../intents/schemas.js";

export const CASH_TAG = "Cash";

const NOT_STORABLE = "must not contain the zero character or half of a surrogate pair";
const MAX_UINT128 = 2n ** 128n - 1n;

/** A text that people write, of at most `max` characters. */
const text = (max: number) => z.string().min(1).max(max).refine(isStorable, NOT_STORABLE);

/** What the bank writes down; only its hash goes to the chain. Parsed to the hash. */
const referenceInput = text(140)
  .transform((reference) =>
    /^0x[0-9a-fA-F]{64}$/.test(reference) ? reference.toLowerCase() : keccak256OfText(reference),
  )
  .describe(
    "The bank's own reference, up to 140 characters; the chain gets its hash (keccak-256 of the text). Or that hash itself. " +
      "Each is used once, for ever.",
  );
const amountInput = boundedInteger(1n, MAX_UINT128, "2^128 - 1").describe("At least 1, in minor units.");

export const depositBody = z.strictObject({ account: addressInput, amount: amountInput, reference: referenceInput });
export const approvalBody = z
  .strictObject({ account: addressInput, amount: amountInput })
  .describe("What was proposed, in the approving officer's own words.");
export const referenceParams = z.strictObject({ reference: referenceInput });
export const emptyBody = z.strictObject({});
export const paymentBody = z.strictObject({ reference: referenceInput });
export const refusalBody = z.strictObject({
  reason: text(2_000).describe("Kept by the service; the chain gets its hash."),
});
export const pauseBody = z.strictObject({
  reason: text(2_000).nullish().describe("Kept with the operation; not on the chain."),
});
export const limitBody = z.strictObject({
  amount: boundedInteger(0n, MAX_UINT128, "2^128 - 1").describe("Up to it, one account of the bank is enough."),
});

export const accountParams = z.strictObject({ address: addressInput });
export const redemptionParams = z.strictObject({ id: idInput });

/** Where money shall be paid to. Only the hash of it (keccak-256 of its RFC 8785 canonical JSON) is signed and goes to the chain. */
export const payoutInput = z
  .strictObject({
    bank: text(140).describe("Name or code of the bank."),
    accountNumber: text(40),
    accountHolder: text(140),
    note: text(140).optional(),
    salt: z
      .string()
      .regex(/^[0-9a-zA-Z_-]{16,64}$/, "must be 16 to 64 letters, digits, hyphens or underscores")
      .describe("Random: without it the account could be guessed from its hash."),
  })
  .describe("Shown to the account's participant and to institutions.");
const managedPayout = payoutInput.partial({ salt: true });

const cashTransferIntent = z
  .strictObject({ ...signedTerms, to: addressInput, amount: uint256Text.describe("At least 1, in minor units.") })
  .meta({ id: "CashTransferIntent" });
export const transferBody = z.union([
  signedBody(cashTransferIntent),
  z.strictObject({ ...managedTerms, to: addressInput, amount: uint256Text.describe("At least 1, in minor units.") }),
]);

const redemptionIntent = z
  .strictObject({ ...signedTerms, amount: uint128Text, payoutHash: hashInput })
  .meta({ id: "RedemptionIntent" });
export const redemptionBody = z.union([
  z.strictObject({ intent: redemptionIntent, signature: signatureInput, payout: payoutInput }),
  z.strictObject({ ...managedTerms, amount: uint128Text, payout: managedPayout }),
]);

const ownerQuery = { account: addressInput.optional(), participantId: idInput.optional() };
const depositStatus = z.enum(["proposed", "minted", "withdrawn"]);
const redemptionStatus = z.enum(["requested", "paid", "refused"]);

export const oneQuery = z.strictObject(minBlockQuery);
export const balanceQuery = z.strictObject({ ...listQuery, ...ownerQuery });
export const depositQuery = z.strictObject({ ...listQuery, ...ownerQuery, status: depositStatus.optional() });
export const redemptionQuery = z.strictObject({ ...listQuery, ...ownerQuery, status: redemptionStatus.optional() });
export const statementQuery = z.strictObject({
  ...minBlockQuery,
  account: addressInput,
  from: dayInput.describe("First day, UTC."),
  to: dayInput.describe("Last day, UTC."),
  place: z
    .enum(["account", "exchange"])
    .optional()
    .transform((place) => place ?? "account")
    .describe("`account` (when left out): what the account has itself. `exchange`: its money in trading."),
});

export const currencySchema = z
  .strictObject({
    name: z.string(),
    symbol: z.string(),
    decimals: z.int().describe("Amounts are in minor units: 10 to this power make one of the currency."),
    contract: address,
    exchange: address.describe("Money that is transferred here is in trading; the sender has a position."),
    supply: decimal,
    paused: z.boolean(),
    singleApprovalLimit: decimal.describe("Above it two accounts of the settlement bank must agree."),
  })
  .meta({ id: "Currency" });

export const balanceSchema = z
  .strictObject({
    account: address,
    participantId: z.int().nullable().describe("Null: a contract of the ledger."),
    amount: decimal,
  })
  .meta({ id: "CashBalance" });

export const depositSchema = z
  .strictObject({
    reference: hash.describe("Hash of the bank's reference."),
    account: address,
    amount: decimal,
    status: depositStatus,
    proposer: address.nullable().describe("Null: it needed no second officer."),
    decidedBy: address.nullable().describe("Who minted, approved or withdrew it."),
    changedAt: dateTime,
    ...onChain,
  })
  .meta({ id: "CashDeposit" });

export const redemptionSchema = z
  .strictObject({
    id: z.string(),
    account: address,
    amount: decimal,
    status: redemptionStatus,
    payoutHash: hash,
    payout: payoutInput.partial().nullable().describe("Null: the service does not know it."),
    approver: address.nullable().describe("Who of the bank approved it first, when it needs two."),
    decidedBy: address.nullable(),
    paymentReference: hash.nullable(),
    reasonHash: hash.nullable().describe("Of a refusal."),
    reason: z.string().nullable().describe("Null: not refused, or the service does not know it."),
    intentHash: hash.nullable(),
    requestedAt: dateTime,
    decidedAt: dateTime.nullable(),
    ...onChain,
  })
  .meta({ id: "Redemption" });

const signedDecimal = z.string().describe("A whole number as a decimal string; negative when money went.");

const statementMovement = z.strictObject({
  id: z.string().describe("`<block>-<log index>`"),
  kind: z.enum([
    "deposit",
    "transfer",
    "redemption",
    "redemption-refusal",
    "redemption-payment",
    "exchange-deposit",
    "exchange-withdrawal",
    "recovery",
    "purchase",
    "sale",
    "fees",
  ]),
  amount: signedDecimal,
  balance: signedDecimal.describe("After the movement."),
  fee: decimal.describe("Part of the amount."),
  counterparty: address.nullable(),
  reference: hash.nullable(),
  redemptionId: z.string().nullable(),
  batch: z.string().nullable(),
  tonnes: decimal.nullable(),
  price: decimal.nullable(),
  intentHash: hash.nullable(),
  timestamp: dateTime,
  txHash: hash,
  blockNumber,
});

export const statementSchema = z
  .strictObject({
    account: address,
    place: z.enum(["account", "exchange"]),
    from: day,
    to: day,
    opening: decimal,
    movements: z.array(statementMovement).describe("In the order of the chain."),
    credits: decimal,
    debits: decimal,
    closing: decimal.describe("opening + credits - debits, and the balance after the last movement."),
  })
  .meta({ id: "CashStatement" });

export const balancePage = pageOf(balanceSchema);
export const depositPage = pageOf(depositSchema);
export const redemptionPage = pageOf(redemptionSchema);

export type TransferBody = z.output<typeof transferBody>;
export type RedemptionBody = z.output<typeof redemptionBody>;
export type PayoutBody = z.output<typeof payoutInput>;
