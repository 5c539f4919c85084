import { z } from "zod";

import type { ErrorCode } from "../errors.js";
import { addressInput, codeInput } from "../http/primitives.js";

/**
 * What every intent is made of, as JSON. What comes in stays JSON, in its one normal form: a signature covers every field, so
 * quantities stay exact strings from the door to the digest.
 */

const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_UINT32 = 2n ** 32n - 1n;
const MAX_UINT128 = 2n ** 128n - 1n;
const MAX_UINT256 = 2n ** 256n - 1n;
/** Longer signatures (of wallets that are contracts) cost more gas than an intent is worth. */
const MAX_SIGNATURE_BYTES = 4_096;
/** More than the contracts take, so that they are told apart from a body that is too large. */
const MAX_BLOCKS = 500;

const decimalUpTo = (maximum: bigint, what: string) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]{0,77})$/, {
      error: "must be a whole number as a string of digits, without sign, fraction or leading zero",
      abort: true,
    })
    .refine((text) => BigInt(text) <= maximum, `must be below ${what}`);

export const uint256Text = decimalUpTo(MAX_UINT256, "2^256").describe("0 to 2^256 - 1.");
/** Money in minor units, or whatever else the contracts have in 128 bits. */
export const uint128Text = decimalUpTo(MAX_UINT128, "2^128").describe("0 to 2^128 - 1.");
/** The nonce of an order. */
export const uint32Text = decimalUpTo(MAX_UINT32, "2^32").describe("0 to 2^32 - 1.");
const serialText = decimalUpTo(MAX_UINT64, "2^64").describe("A serial number, from 1 on.");

export const blocksInput = z
  .array(z.strictObject({ start: serialText, end: serialText }))
  .max(MAX_BLOCKS)
  .describe("Exactly these serials, inclusive; they add up to the tonnes. Empty: any.");

/** Which units. In an intent everything is stated: the signature covers it. */
export const signedUnits = {
  batch: codeInput,
  tonnes: uint256Text.describe("At least 1."),
  blocks: blocksInput,
};

export const managedUnits = {
  ...signedUnits,
  blocks: blocksInput
    .nullish()
    .transform((blocks) => blocks ?? [])
    .describe("Exactly these serials; left out: any."),
};

/** Whose intent, how often (once), and for how long. */
export const signedTerms = {
  account: addressInput.describe("The holder, who signs."),
  nonce: uint256Text.describe("Any number that the account never used; take 256 random bits."),
  deadline: uint256Text.describe("Unix time in seconds; void after it. At most 366 days from now."),
};

export const managedTerms = {
  account: addressInput.nullish().describe("A managed account of the key's participant; its only one when left out."),
};

export const signatureInput = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})+$/, "must be 0x and an even number of hexadecimal digits")
  .max(2 + 2 * MAX_SIGNATURE_BYTES)
  .transform((text) => text.toLowerCase())
  .describe("EIP-712 signature of the intent: 65 bytes, or whatever a wallet contract takes (ERC-1271).");

/** A body with an intent that is signed already: the signature is the authority, no API key is needed. */
export function signedBody<Intent extends z.ZodObject>(intent: Intent) {
  return z.strictObject({ intent, signature: signatureInput });
}

/** A text that the chain, the database and every reader take as it is. Its limit in bytes is the contract's to tell. */
export const textInput = z
  .string()
  .max(4_000)
  .refine(
    (text) => text.isWellFormed() && !text.includes("\u0000"),
    "must be well-formed Unicode without the zero character",
  );

/** How an intent may be refused at the door. */
export const INTENT_PROBLEMS = [
  "unauthorized",
  "forbidden",
  "signer-unavailable",
  "account-unknown",
  "intent-expired",
  "intent-replayed",
  "intents-nonce-used",
  "intent-signature-invalid",
  "chain-unavailable",
] as const satisfies ErrorCode[];

/** And one that moves units. */
export const UNITS_PROBLEMS = [
  "participant-suspended",
  "registry-batch-unknown",
  "units-paused",
  "units-batch-paused",
  "units-amount-zero",
  "units-block-invalid",
  "units-block-not-held",
  "units-tonnes-mismatch",
  "units-too-many-blocks",
  "units-insufficient-balance",
  "erc7943-insufficient-unfrozen-balance",
] as const satisfies ErrorCode[];

/** And one that moves money. */
export const MONEY_PROBLEMS = [
  "participant-suspended",
  "cash-is-paused",
  "cash-amount-zero",
  "cash-account-not-active",
  "erc20-insufficient-balance",
] as const satisfies ErrorCode[];

/** For the reference. */
export const TWO_WAYS =
  "Either an intent with the account's signature: no API key is needed. " +
  "Or, with the API key of the participant, what is to be done: the service signs for a managed account.";
