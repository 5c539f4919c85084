import { contractRow, lastingRow } from "./row.js";

/** What the exchange refuses, and why a trade that it was given did not settle: `trade-` and a refusal of `REFUSALS`. */
export const exchangeErrors = {
  "exchange-caller-not-allowed": contractRow(
    "ExchangeCallerNotAllowed",
    403,
    "The caller may not act for this account",
    "Let the account itself call, or sign an intent with its key.",
  ),
  "exchange-instrument-listed": contractRow(
    "ExchangeInstrumentListed",
    409,
    "The batch is tradable already",
    "Nothing is left to do.",
  ),
  "exchange-instrument-invalid": contractRow(
    "ExchangeInstrumentInvalid",
    422,
    "Such an instrument cannot be listed",
    "Name an issued batch, and say whether it is a credit or an allowance.",
  ),
  "exchange-amount-zero": contractRow("ExchangeAmountZero", 422, "The amount is zero", "Name at least one unit."),
  "exchange-position-insufficient": contractRow(
    "ExchangePositionInsufficient",
    409,
    "The position is smaller than the amount",
    "Read the position: what is leaving already does not count.",
  ),
  "exchange-nothing-leaving": contractRow(
    "ExchangeNothingLeaving",
    409,
    "No withdrawal is under way",
    "Request a withdrawal first; it may have been served already.",
  ),
  "exchange-withdrawal-not-yet": contractRow(
    "ExchangeWithdrawalNotYet",
    409,
    "The delay of the withdrawal has not passed",
    "Wait until `availableAt`, or until the operator serves it.",
  ),
  "exchange-account-not-active": contractRow(
    "ExchangeAccountNotActive",
    403,
    "The account may not act now",
    "Check the account and the participant's status and due diligence.",
  ),
  "exchange-nonce-used": contractRow(
    "ExchangeNonceUsed",
    409,
    "The order is filled or cancelled",
    "Nothing is left to cancel.",
  ),
  "exchange-nonce-not-ahead": contractRow(
    "ExchangeNonceNotAhead",
    409,
    "All orders before this nonce were cancelled earlier",
    "Name a nonce above `current`.",
  ),
  "exchange-deal-not-open": contractRow(
    "ExchangeDealNotOpen",
    409,
    "The deal is settled or cancelled",
    "Read the deal; agree on another one with a nonce of its own.",
  ),
  "exchange-fee-invalid": contractRow(
    "ExchangeFeeInvalid",
    422,
    "The fee is too high, or begins in the past",
    "Stay within the contract's limit, and let the fee begin in the future.",
  ),
  "exchange-fee-account-missing": contractRow(
    "ExchangeFeeAccountMissing",
    409,
    "Nobody is named to receive fees",
    "Set the fee account first.",
  ),
  "exchange-empty": contractRow("ExchangeEmpty", 422, "The call has nothing in it", "Name at least one item."),
  "exchange-malformed": contractRow(
    "ExchangeMalformed",
    422,
    "The matches are not packed as they should be",
    "Encode them as PackedMatch.sol describes.",
  ),
  "exchange-too-many": contractRow(
    "ExchangeTooMany",
    422,
    "Too many items in one transaction",
    "Split the call at the limit in the evidence.",
  ),
  "exchange-not-replaced": contractRow(
    "ExchangeNotReplaced",
    409,
    "The account was not replaced",
    "Let two compliance officers replace the account first; then recover its position.",
  ),
  "exchange-only-self": contractRow(
    "ExchangeOnlySelf",
    403,
    "Only the contract itself may call this",
    "Use the entry point for many matches.",
  ),
  "exchange-minimum-missed": contractRow(
    "ExchangeMinimumMissed",
    409,
    "The minimum of the order cannot be filled",
    "Lower the minimum, or wait for more on the other side.",
  ),
  "exchange-gas-too-low": contractRow(
    "ExchangeGasTooLow",
    422,
    "The transaction carries too little gas for its trades",
    "Raise the gas limit, or settle fewer trades.",
  ),

  "trade-instrument-unknown": lastingRow(
    409,
    "The batch is not tradable",
    "Let the registrar list it on the exchange first.",
  ),
  "trade-instrument-paused": lastingRow(
    409,
    "Movements of the batch are stopped",
    "Wait until a compliance officer lets it move again, and place the order again.",
  ),
  "trade-self-trade": lastingRow(409, "Both sides are the same account", "Trade with another account."),
  "trade-tonnes-zero": lastingRow(422, "The trade is about nothing", "Name at least one tonne."),
  "trade-signature-invalid": lastingRow(
    422,
    "The signature is not the account's over these terms",
    "Sign exactly these terms with the account's key, for this chain and exchange.",
  ),
  "trade-account-not-active": lastingRow(
    409,
    "An account of the trade may not act now",
    "Check the account in the evidence: its participant's status and due diligence.",
  ),
  "trade-account-not-allowed": lastingRow(
    409,
    "An account of the trade may not trade this kind of instrument",
    "Let the registrar give its participant the capability.",
  ),
  "trade-expired": lastingRow(409, "The order or the deal has expired", "Sign a new one with a later expiry."),
  "trade-cancelled": lastingRow(409, "The order or the deal was cancelled", "Sign a new one if it is still wanted."),
  "trade-nonce-closed": lastingRow(
    409,
    "The order is filled, or its nonce is cancelled",
    "Sign a new order with a nonce of its own.",
  ),
  "trade-price-outside-limit": lastingRow(
    409,
    "The price is worse than an order's limit",
    "Nothing is left to do: the order stands.",
  ),
  "trade-overfilled": lastingRow(
    409,
    "The trade is more than what is open of an order",
    "Nothing is left to do: the order stands for what is open.",
  ),
  "trade-below-minimum": lastingRow(
    409,
    "The trade is less than an order's minimum",
    "Lower the minimum, or wait for more on the other side.",
  ),
  "trade-fee-above-cap": lastingRow(
    409,
    "The fee is higher than an account accepted",
    "Sign a new order that accepts the fee in force.",
  ),
  "trade-units-insufficient": lastingRow(
    409,
    "The seller's position is smaller than the trade",
    "Deposit units: what is leaving does not count.",
  ),
  "trade-cash-insufficient": lastingRow(
    409,
    "The buyer's cash is less than the price and the fee",
    "Deposit cash: what is leaving does not count.",
  ),
  "trade-already-settled": lastingRow(409, "The deal settled before", "Nothing is left to do."),
} as const;
