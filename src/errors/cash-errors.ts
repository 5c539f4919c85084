import { contractRow, lastingRow } from "./row.js";

const TWO_OF_THE_BANK = "Let another account of the settlement bank act, directly and not through the access manager.";

/** Errors of `SettlementCash`: money, its way in and its way out. */
export const cashErrors = {
  "cash-account-not-active": contractRow(
    "CashAccountNotActive",
    409,
    "The account may not hold or move money now",
    "Use an active account of an active participant whose due diligence is in force.",
  ),
  "cash-amount-zero": contractRow("CashAmountZero", 422, "The amount is zero", "Name at least one minor unit."),
  "cash-above-limit": contractRow(
    "CashAboveLimit",
    409,
    "The deposit is too large for one officer of the bank",
    "Propose it, and let another account of the settlement bank approve it.",
  ),
  "cash-within-limit": contractRow(
    "CashWithinLimit",
    409,
    "The amount needs no second officer of the bank",
    "Mint, or pay, at once: one account of the settlement bank is enough up to the limit.",
  ),
  "cash-supply-exceeded": contractRow(
    "CashSupplyExceeded",
    409,
    "There would be more money than the contract can count",
    "Mint less: what there is and the amount may not exceed the limit together.",
  ),
  "cash-reference-used": contractRow(
    "CashReferenceUsed",
    409,
    "The bank's reference was used before",
    "Look up what it was used for. A deposit is minted once, a payment recorded once.",
  ),
  "cash-reference-empty": contractRow(
    "CashReferenceEmpty",
    422,
    "A reference or hash is missing",
    "Give the hash of what the bank, or the firm, wrote down: 32 bytes, not all zero.",
  ),
  "cash-proposal-unknown": contractRow(
    "CashProposalUnknown",
    409,
    "Nothing is proposed under this reference",
    "Read the deposits: it was approved or withdrawn, or never proposed.",
  ),
  "cash-proposal-mismatch": contractRow(
    "CashProposalMismatch",
    409,
    "Something else is proposed under this reference",
    "Compare with the evidence, which is what was proposed; approve that, or withdraw it and propose again.",
  ),
  "cash-same-officer": contractRow("CashSameOfficer", 409, "The officer cannot agree with themself", TWO_OF_THE_BANK),
  "cash-caller-hidden": contractRow(
    "CashCallerHidden",
    403,
    "Where two must agree, each must be seen",
    "Call the contract directly, not through the access manager's `execute`.",
  ),
  "cash-caller-not-allowed": contractRow(
    "CashCallerNotAllowed",
    403,
    "The caller may not move this account's money",
    "Let the account sign the intent.",
  ),
  "cash-redemption-not-open": contractRow(
    "CashRedemptionNotOpen",
    409,
    "The redemption is not open",
    "Read the redemption: it was paid or refused, or never requested.",
  ),
  "cash-approval-missing": contractRow(
    "CashApprovalMissing",
    409,
    "The payment needs a first approval",
    "Let one account of the settlement bank approve the redemption, and another record the payment.",
  ),
  "cash-not-replaced": contractRow(
    "CashNotReplaced",
    409,
    "The account was not replaced",
    "Let two compliance officers replace the account first; then recover its money.",
  ),
  "cash-is-paused": contractRow(
    "CashIsPaused",
    409,
    "All movements of money are paused",
    "Wait until a compliance officer lifts the pause.",
  ),
  "cash-not-paused": contractRow("CashNotPaused", 409, "Money is not paused", "There is no pause to lift."),
  "cash-payout-mismatch": lastingRow(
    422,
    "The payout is not the one that was signed",
    "Send the payout whose hash (keccak-256 of its RFC 8785 canonical JSON) the intent carries.",
  ),
  "cash-statement-too-long": lastingRow(
    422,
    "The period has more movements than one statement shows",
    "Ask for a shorter period; statements of adjoining periods add up.",
  ),
} as const;
