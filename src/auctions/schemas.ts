import { z } from "zod";

import { pageOf, pageQuery } from "../http/pagination.js";
import { address, codeInput, dateTime, dateTimeInput, decimal, hash, hashInput, idInput } from "../http/primitives.js";
import { managedTerms, uint256Text } from "../intents/schemas.js";
import { basisPointsText, signedOrderFields } from "../market/schemas.js";

export const AUCTIONS_TAG = "Auctions";

const instant = dateTimeInput.transform((text) => BigInt(Date.parse(text)) / 1_000n);

const times = {
  opensAt: instant.describe("Bids are taken from then on. In the future."),
  closesAt: instant.describe("Bids are taken before then. Within 31 days."),
};

const terms = {
  ...managedTerms,
  tonnes: uint256Text.describe("At least 1."),
  nonce: uint256Text
    .nullish()
    .describe("With a nonce of yours, below 2^32, the same request again changes nothing; left out: the next one."),
  maximumFeeBasisPoints: basisPointsText.describe("The highest fee that is accepted, in basis points of the value."),
};

export const announcementBody = z.union([
  z.strictObject({ ...signedOrderFields, ...times }),
  z
    .strictObject({
      ...terms,
      batch: codeInput,
      reservePrice: uint256Text.describe("The lowest price, per tonne, in minor units of the settlement currency."),
      ...times,
    })
    .transform(({ reservePrice, ...rest }) => ({ ...rest, price: reservePrice })),
]);

export const bidBody = z.union([
  z.strictObject(signedOrderFields),
  z.strictObject({
    ...terms,
    price: uint256Text.describe("The highest price, per tonne, in minor units of the settlement currency."),
  }),
]);

export const auctionParams = z.strictObject({ id: hashInput.describe("The digest of the seller's order.") });
export const bidParams = z.strictObject({
  ...auctionParams.shape,
  bidId: hashInput.describe("The digest of the order."),
});
export const bidQuery = z.strictObject(pageQuery);

export const auctionQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(["open", "cleared", "void", "cancelled"]).optional().describe("`open`: not ended yet."),
  batch: codeInput.optional(),
  participantId: idInput.optional().describe("The seller."),
});

export const auctionSchema = z
  .strictObject({
    id: hash.describe("The digest of the seller's order."),
    status: z
      .enum(["announced", "open", "closing", "cleared", "void", "cancelled"])
      .describe("Announced until it opens; closing from `closesAt` until its result is written."),
    batch: z.string(),
    seller: address,
    sellerParticipantId: z.int(),
    tonnes: decimal.describe("What is offered. All of it is sold, or nothing."),
    reservePrice: decimal.describe("Per tonne, in minor units of the settlement currency."),
    opensAt: dateTime,
    closesAt: dateTime,
    seedCommitment: hash.describe("keccak-256 of the seed, known before the first bid."),
    seed: hash.nullable().describe("Shown once the auction has ended: equal prices are told apart by it."),
    clearingPrice: decimal.nullable().describe("Once cleared: what every winner pays per tonne."),
    voidReason: z.string().nullable(),
    createdAt: dateTime,
    closedAt: dateTime.nullable(),
    links: z.strictObject({ self: z.string(), bids: z.string(), transcript: z.string().nullable() }),
  })
  .meta({ id: "Auction" });

export const auctionPage = pageOf(auctionSchema);

export const bidSchema = z
  .strictObject({
    id: hash.describe("The digest of the order."),
    auction: hash,
    status: z.enum(["sealed", "cancelled", "won", "lost"]),
    account: address,
    participantId: z.int(),
    tonnes: decimal,
    price: decimal.describe("The highest price of the bid."),
    allottedTonnes: decimal.describe("At the auction's clearing price."),
    createdAt: dateTime,
    links: z.strictObject({ self: z.string(), auction: z.string() }),
  })
  .meta({ id: "Bid" });

export const bidPage = pageOf(bidSchema);

export const transcriptSchema = z
  .strictObject({
    version: z.literal(1),
    auction: hash,
    offeredTonnes: decimal,
    reservePrice: decimal,
    seedHash: hash.describe("The commitment."),
    seed: hash,
    bids: z
      .array(
        z.strictObject({
          digest: hash.describe("The bid's id."),
          price: decimal,
          tonnes: decimal,
          tieKey: hash.describe("keccak-256 of seed and digest: of equal prices the lower one comes first."),
          wonTonnes: decimal,
        }),
      )
      .describe("All that took part, best first."),
    demandedTonnes: decimal,
    clearingPrice: decimal.nullable(),
    voidReason: z.enum(["undersubscribed", "below-reserve"]).nullable(),
    excluded: z
      .array(z.strictObject({ digest: hash, reason: z.string() }))
      .describe("Bids whose accounts could not trade any more at the close."),
  })
  .meta({ id: "AuctionTranscript" });

/** How the order of an auction, or a bid, may be refused. */
export const ORDER_PROBLEMS = [
  "unauthorized",
  "forbidden",
  "signer-unavailable",
  "account-unknown",
  "account-not-allowed",
  "participant-suspended",
  "units-paused",
  "units-batch-paused",
  "instrument-unknown",
  "price-off-tick",
  "position-insufficient",
  "auction-terms-invalid",
  "chain-unavailable",
  "market-unavailable",
] as const;
