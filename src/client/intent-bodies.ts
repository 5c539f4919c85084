import type {
  CancellationIntentJson,
  RetirementIntentJson,
  RevocationIntentJson,
  TransferIntentJson,
} from "../chain/intent-json.js";
import type { CancellationInput, RetirementInput, RevocationInput, TransferInput, UnitsInput } from "./requests.js";
import type { Address, Decimal, Quantity } from "./types.js";

/** What makes an intent unique, and void in time. `deadline` is Unix time in seconds. */
export interface Terms {
  readonly account: Address;
  readonly nonce: bigint;
  readonly deadline: bigint;
}

/** What the caller left out is written as its empty value: a signature covers every field. */
export function transferBody(input: TransferInput, terms: Terms): TransferIntentJson {
  return { ...termsBody(terms), to: input.to, ...unitsBody(input) };
}

export function retirementBody(input: RetirementInput, terms: Terms): RetirementIntentJson {
  return {
    ...termsBody(terms),
    ...unitsBody(input),
    beneficiary: input.beneficiary ?? "",
    beneficiaryId: input.beneficiaryId ?? "",
    beneficiaryCommitment: input.beneficiaryCommitment ?? null,
    purpose: input.purpose,
    reason: input.reason ?? "",
    details: input.details ?? "",
    consumptionCountry: input.consumptionCountry ?? null,
    consumptionPeriodStart: input.consumptionPeriodStart ?? null,
    consumptionPeriodEnd: input.consumptionPeriodEnd ?? null,
  };
}

export function cancellationBody(input: CancellationInput, terms: Terms): CancellationIntentJson {
  return { ...termsBody(terms), ...unitsBody(input), reason: input.reason, details: input.details ?? "" };
}

export function revocationBody(input: RevocationInput, terms: Terms): RevocationIntentJson {
  return { ...termsBody(terms), revokedNonce: toDecimal(input.revokedNonce) };
}

/**
 * A bigint, or a decimal string without sign, space or leading zero, as a decimal string.
 * @throws RangeError for anything else: a number might have been rounded, and what is signed cannot be corrected.
 */
export function toDecimal(quantity: Quantity): Decimal {
  const text = typeof quantity === "number" ? "" : String(quantity);
  if (!/^(0|[1-9][0-9]*)$/.test(text))
    throw new RangeError(`Not a whole quantity: ${JSON.stringify(String(quantity))}`);
  return text;
}

function unitsBody(input: UnitsInput) {
  const blocks = (input.blocks ?? []).map(({ start, end }) => ({ start: toDecimal(start), end: toDecimal(end) }));
  return { batch: input.batch, tonnes: toDecimal(input.tonnes), blocks };
}

function termsBody(terms: Terms) {
  return { account: terms.account, nonce: terms.nonce.toString(), deadline: terms.deadline.toString() };
}
