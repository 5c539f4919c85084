import type { CancellationIntentJson, RetirementIntentJson } from "../chain/intent-json.js";
import { dayNumber } from "../chain/codes.js";
import { Problem } from "../errors.js";
import { isCountry } from "./countries.js";

/** Limits of `Retirements.sol`, in bytes of UTF-8. */
const LIMITS = { beneficiary: 200, beneficiaryId: 40, reason: 200, details: 1_000 } as const;
const NO_COMMITMENT = `0x${"0".repeat(64)}`;
/** The chain says "not stated" with day 0, 1970-01-01. */
const FIRST_DAY = "1970-01-02";

type RetirementTexts = Omit<RetirementIntentJson, "account" | "nonce" | "deadline">;

/**
 * What `Retirements.sol` asks of an order, whoever holds what.
 * @throws Problem `retirements-beneficiary-invalid`, `retirements-text-too-long`, `retirements-country-invalid`, `retirements-period-invalid`
 */
export function checkRetirement(order: RetirementTexts): void {
  checkBeneficiary(order);
  checkLengths(order, ["beneficiary", "beneficiaryId", "reason", "details"]);

  const country = order.consumptionCountry;
  if (country !== null && !isCountry(country)) {
    const detail = `${JSON.stringify(country)} is no country code of ISO 3166-1 alpha-2.`;
    throw new Problem("retirements-country-invalid", detail, { evidence: { country } });
  }
  checkPeriod(order.consumptionPeriodStart, order.consumptionPeriodEnd);
}

/** @throws Problem `retirements-text-too-long` */
export function checkCancellation(order: Pick<CancellationIntentJson, "details">): void {
  checkLengths(order, ["details"]);
}

/** The tax code of a natural person is as personal as the name. */
function checkBeneficiary({ beneficiary, beneficiaryId, beneficiaryCommitment }: RetirementTexts): void {
  const isNamed = beneficiary !== "";
  const isCommitted = beneficiaryCommitment !== null && beneficiaryCommitment !== NO_COMMITMENT;
  if (isNamed !== isCommitted && !(isCommitted && beneficiaryId !== "")) return;
  throw new Problem("retirements-beneficiary-invalid");
}

function checkLengths<Field extends keyof typeof LIMITS>(
  texts: Readonly<Record<Field, string>>,
  fields: readonly Field[],
): void {
  for (const field of fields) {
    const [length, limit] = [Buffer.byteLength(texts[field], "utf8"), LIMITS[field]];
    if (length <= limit) continue;
    const detail = `${field} has ${length} bytes, the limit is ${limit}.`;
    throw new Problem("retirements-text-too-long", detail, {
      evidence: { field, length: String(length), limit: String(limit) },
    });
  }
}

function checkPeriod(start: string | null, end: string | null): void {
  if (start === null && end === null) return;
  const isInOrder = start !== null && end !== null && FIRST_DAY <= start && dayNumber(start) <= dayNumber(end);
  if (!isInOrder) throw new Problem("retirements-period-invalid", undefined, { evidence: { start, end } });
}
