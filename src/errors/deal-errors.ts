import { lastingRow } from "./row.js";

/** Errors of what is agreed outside the book: deals and auctions. */
export const dealErrors = {
  "deal-signature-invalid": lastingRow(
    422,
    "The signature is not the party's over these words",
    "Sign exactly the deal that is named, field by field, with the account of the party whose turn it is.",
  ),
  "deal-wrong-party": lastingRow(
    403,
    "This is not for the caller to do with the deal",
    "The party that did not report the deal confirms it; each party cancels for itself.",
  ),
  "deal-own-sides": lastingRow(
    422,
    "Buyer and seller are the same participant",
    "A deal is between two participants: name the other one's account.",
  ),
  "deal-not-open": lastingRow(
    409,
    "The deal is not waiting for a confirmation any more",
    "Read `status` of the deal; report a new one.",
  ),
  "deal-known": lastingRow(
    409,
    "The other party has reported this deal already",
    "Confirm it: send your signature to its `confirmation`.",
  ),
  "deal-expired": lastingRow(
    422,
    "The deal expires before it could be settled",
    "Agree on a later `expiresAt`: a minute more than now at the least.",
  ),
  "deal-quantity-invalid": lastingRow(
    422,
    "The tonnes or the price of the deal are out of range",
    "Name whole tonnes from 1 to 2^40 - 1, at a price from 1 to 2^53 - 1.",
  ),
  "deal-fee-too-low": lastingRow(
    422,
    "The highest fee that the deal accepts is below the fee in force",
    "Agree on a `maximumFeeBasisPoints` of at least the fee in force.",
  ),
  "auction-terms-invalid": lastingRow(
    422,
    "The order does not fit the auction",
    "Read `detail`: side, batch, no minimum, and an expiry that leaves an hour after the close.",
  ),
  "auction-times-invalid": lastingRow(
    422,
    "The times of the auction do not fit",
    "Open in the future, close after that, and within the time that the seller's order lives.",
  ),
  "auction-not-yet-open": lastingRow(409, "The auction takes no bids yet", "Bid from `opensAt` on."),
  "auction-closed": lastingRow(409, "The auction takes no bids any more", "Read its result once it has ended."),
  "auction-bid-below-reserve": lastingRow(
    422,
    "The bid is below the reserve price",
    "Bid at least the auction's `reservePrice`.",
  ),
  "auction-own-bid": lastingRow(
    422,
    "The seller bids in its own auction",
    "Let another participant bid: nobody trades with itself.",
  ),
  "auction-bid-limit": lastingRow(
    409,
    "The auction holds as many bids as it can",
    "Cancel one of your bids, or wait for another auction.",
  ),
  "auction-not-ended": lastingRow(
    409,
    "The auction has not ended yet",
    "Wait for `closesAt`; until then nobody sees the bids or the seed.",
  ),
  "auction-started": lastingRow(
    409,
    "The auction has begun, or has ended",
    "An auction can be called off before it opens only.",
  ),
} as const;
