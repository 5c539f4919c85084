import { lastingRow, passingRow } from "./row.js";

/** Errors of orders and trades. */
export const marketErrors = {
  "order-quantity-invalid": lastingRow(
    422,
    "The tonnes of the order are out of range",
    "Name whole tonnes from 1 to 2^40 - 1, and a minimum of at most as many.",
  ),
  "order-price-invalid": lastingRow(
    422,
    "The limit price is out of range",
    "Name a price per tonne from 1 to 2^53 - 1 minor units; a market order, too, carries a limit that protects it.",
  ),
  "order-terms-invalid": lastingRow(
    422,
    "The conditions of the order do not go together",
    "Read `detail`: time in force, minimum, post-only and mode exclude each other in part.",
  ),
  "order-expiry-invalid": lastingRow(
    422,
    "The order expires before it could settle, or too late, or before its time in force ends",
    "Sign an `expiresAt` at least a minute from now and after the end of the time in force, at most 366 days from now.",
  ),
  "order-fee-too-low": lastingRow(
    422,
    "The highest fee that the order accepts is below the fee in force",
    "Sign a `maximumFeeBasisPoints` of at least the fee in force.",
  ),
  "order-signature-invalid": lastingRow(
    422,
    "The signature is not the account's over this order",
    "Sign exactly the order that is sent, for the domain of the exchange that `GET /v1/chain` shows, with the account's key.",
  ),
  "order-nonce-used": lastingRow(
    409,
    "The account used this nonce in this batch before, or made it void",
    "Take the nonce that `GET /v1/orders/next-nonce` answers, and sign again.",
  ),
  "order-not-open": lastingRow(
    409,
    "The order is not open any more",
    "Read `status` of the order: it is filled, cancelled or expired.",
  ),
  "order-changed": lastingRow(
    409,
    "The order was filled further before it could be replaced",
    "Read the order as it stands now, and sign a new one for what is left.",
  ),
  "order-session-unknown": lastingRow(
    422,
    "The session is not that of an open stream of the participant",
    "Open the stream of own orders first, and name the session that it tells.",
  ),
  "account-not-allowed": lastingRow(
    403,
    "The participant may not trade instruments of this kind",
    "Read `capabilities` of the participant: credits need `trade-credits`, allowances `trade-allowances`.",
  ),
  "put-through-unavailable": lastingRow(
    409,
    "The firm order cannot be selected like this (any more)",
    "Read what is left of it at `GET /v1/put-through-orders`: somebody else may have selected it.",
  ),
  "position-insufficient": lastingRow(
    409,
    "The account's free position on the exchange does not cover this",
    "Deposit more, or cancel an order: `GET /v1/positions` shows what is free.",
  ),
  "trade-refused": lastingRow(
    409,
    "The exchange contract refused to settle the trade",
    "Read `evidence.refusal` and the account that it names; nothing moved, what was reserved is free again.",
  ),
  "market-unavailable": passingRow(
    503,
    "The markets are not ready",
    "Repeat after the stated time: they come back after a start, once the chain is read.",
    2,
  ),
} as const;
