import { z } from "zod";

import type { IntentJsonByKind } from "../chain/intent-json.js";
import { problemSchema } from "../http/act.js";
import { pageOf, pageQuery } from "../http/pagination.js";
import {
  address,
  addressInput,
  blockNumber,
  codeInput,
  dateTime,
  decimal,
  hash,
  hashInput,
} from "../http/primitives.js";
import { signatureInput, signedTerms, uint256Text } from "../intents/schemas.js";

export const ORDERS_TAG = "Orders";

/** The most orders in one body. */
export const MAX_BULK = 100;

const side = z.enum(["buy", "sell"]);
const timeInForce = z.enum(["gtc", "gtd", "day", "ioc", "fok"]);
const selfTrade = z.enum(["cancel-incoming", "cancel-resting", "cancel-both"]);
const status = z.enum(["open", "filled", "cancelled", "expired", "rejected"]);
export const basisPointsText = z
  .string()
  .regex(/^(0|[1-9]\d{0,4})$/, "must be a whole number of basis points")
  .refine((text) => text.length < 5 || text <= "65535", "must be below 2^16");

const terms = {
  batch: codeInput.describe("The instrument."),
  side,
  tonnes: uint256Text.describe("1 to 2^40 - 1: the most that all trades together may have."),
  minimumTonnes: uint256Text.describe("The first trades take at least so much together, or none: 0 for no minimum."),
  limitPrice: uint256Text.describe("Per tonne, in minor units: the highest price of a buy, the lowest of a sale."),
  maximumFeeBasisPoints: basisPointsText.describe("The highest fee that the account accepts, of the trade's value."),
  expiresAt: uint256Text.describe("Unix time in seconds of the last second in which it may settle."),
};

const conditions = {
  kind: z.enum(["limit", "market"]).default("limit").describe("`market`: what can be had at once, within the limit."),
  timeInForce: timeInForce.optional().describe("`gtc` when left out; `ioc` for a market order."),
  postOnly: z.boolean().default(false).describe("Rather not at all than at once."),
  selfTrade: selfTrade.default("cancel-incoming").describe("What goes when it meets an order of the same participant."),
  mode: z.enum(["book", "put-through"]).default("book"),
  selects: hashInput.optional().describe("Takes this firm order of the put-through board, in whole or in part."),
  session: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe("A stream of own orders: the order is cancelled when it ends."),
};

/** An order with its account's signature: what the exchange contract is told. */
export const signedOrderFields = {
  order: z.strictObject({
    account: addressInput,
    ...terms,
    nonce: uint256Text.describe("Unique within account and batch, below 2^32. Counting up is best."),
  }),
  signature: signatureInput,
};

const signedOrder = z.strictObject({ ...signedOrderFields, ...conditions });

const managedOrder = z.strictObject({
  account: addressInput.nullish().describe("A managed account of the key's participant; its only one when left out."),
  ...terms,
  minimumTonnes: terms.minimumTonnes.default("0"),
  nonce: uint256Text
    .nullish()
    .describe("With a nonce of yours, below 2^32, the same request again is the same order; left out: the next one."),
  ...conditions,
});

const bulk = z.strictObject({
  orders: z.array(signedOrder).min(1).max(MAX_BULK).describe("Each is judged by itself."),
});

/** The words of one order that are not told to the exchange contract. */
export type ManagedTerms = Pick<
  z.output<typeof managedOrder>,
  | "account"
  | "batch"
  | "side"
  | "tonnes"
  | "minimumTonnes"
  | "limitPrice"
  | "maximumFeeBasisPoints"
  | "expiresAt"
  | "nonce"
>;

export const orderBody = z.union([signedOrder, managedOrder]);
export const placeBody = z.union([bulk, signedOrder, managedOrder]);

export const orderParams = z.strictObject({ id: hashInput.describe("The digest of the order.") });

export const orderSchema = z
  .strictObject({
    id: hash.describe("EIP-712 digest of the order."),
    account: address,
    participantId: z.int(),
    batch: z.string(),
    side,
    kind: z.enum(["limit", "market"]),
    mode: z.enum(["book", "put-through", "auction"]),
    tonnes: decimal,
    minimumTonnes: decimal,
    limitPrice: decimal,
    maximumFeeBasisPoints: decimal,
    nonce: decimal,
    expiresAt: decimal,
    timeInForce,
    postOnly: z.boolean(),
    selfTrade,
    status,
    reason: z.string().nullable().describe("Why it is not open, and not filled."),
    filledTonnes: decimal.describe(
      "Matched so far. A trade that could not settle counts, too: its tonnes do not return to the book.",
    ),
    openTonnes: decimal.describe("What still stands."),
    createdAt: dateTime,
    updatedAt: dateTime,
    links: z.strictObject({ self: z.string(), trades: z.string() }),
  })
  .meta({ id: "Order" });

export const placedSchema = z.union([
  orderSchema,
  z.strictObject({
    items: z.array(z.strictObject({ order: orderSchema.nullable(), problem: problemSchema.nullable() })),
  }),
]);

export const orderPage = pageOf(orderSchema);

export const orderQuery = z.strictObject({
  ...pageQuery,
  account: addressInput.optional(),
  batch: codeInput.optional(),
  side: side.optional(),
  status: status.optional(),
  mode: z.enum(["book", "put-through", "auction"]).optional(),
});

export const nonceQuery = z.strictObject({ account: addressInput, batch: codeInput });
export const nonceSchema = z.strictObject({ nonce: decimal });

export const cancelQuery = z.strictObject({
  account: addressInput.optional(),
  batch: codeInput.optional(),
  side: side.optional(),
});

export type OrderCancellationJson = IntentJsonByKind["order-cancellation"];
export type MassCancellationJson = IntentJsonByKind["mass-cancellation"];

export interface SignedIntent<Intent> {
  readonly intent: Intent;
  readonly signature: string;
}

const nonceText = z.string().regex(/^(0|[1-9]\d{0,9})$/, "must be a nonce below 2^32");

export const cancelBody = z
  .strictObject({
    intent: z.strictObject({ ...signedTerms, batch: codeInput, orderNonce: nonceText }),
    signature: signatureInput,
  })
  .optional()
  .describe("Signed, the cancellation goes to the chain, too: then nobody can settle the order any more.");

export const cancelAllBody = z
  .strictObject({ intent: z.strictObject({ ...signedTerms, beforeNonce: nonceText }), signature: signatureInput })
  .optional()
  .describe("Signed, it makes all orders of the account with a lower nonce void, on the chain, too.");

export const cancelledSchema = z.strictObject({ cancelled: z.int().describe("So many orders left the boards.") });

const tradeStatus = z.enum(["matched", "settled", "failed"]);

export const ownTradeSchema = z
  .strictObject({
    id: hash.describe("Also the id of its settlement's operation."),
    batch: z.string(),
    mode: z.enum(["book", "put-through", "deal", "auction"]),
    side: side.describe("The participant's own."),
    order: hash.describe("The participant's own order; of a deal, the deal."),
    account: address,
    tonnes: decimal,
    price: decimal,
    isAggressor: z.boolean().nullable().describe("Whether the participant's order came second."),
    status: tradeStatus,
    fee: decimal.nullable().describe("Once settled."),
    txHash: hash.nullable(),
    blockNumber: blockNumber.nullable(),
    problem: problemSchema.nullable().describe("Why it could not settle."),
    matchedAt: dateTime,
    links: z.strictObject({ order: z.string().nullable(), operation: z.string(), transaction: z.string().nullable() }),
  })
  .meta({ id: "OwnTrade" });

export const ownTradePage = pageOf(ownTradeSchema);

export const ownTradeQuery = z.strictObject({
  ...pageQuery,
  batch: codeInput.optional(),
  order: hashInput.optional(),
  status: tradeStatus.optional(),
});

export const reservationQuery = z.strictObject({ account: addressInput });

export const reservationList = z.strictObject({
  items: z.array(
    z.strictObject({
      for: z.string().describe("What it is for: an order, a trade, a deal …, and its id."),
      batch: z.string().nullable().describe("Null: cash."),
      amount: decimal,
    }),
  ),
});
