import { z } from "zod";

import { pageOf, pageQuery } from "../http/pagination.js";
import { address, codeInput, dateTime, decimal, hash, hashInput, idInput } from "../http/primitives.js";

export const PUT_THROUGH_TAG = "Put-through";

const side = z.enum(["buy", "sell"]);

export const boardParams = z.strictObject({ id: hashInput.describe("The digest of the order.") });

export const boardQuery = z.strictObject({
  ...pageQuery,
  batch: codeInput.optional(),
  side: side.optional(),
  participantId: idInput.optional().describe("Of the member whose orders they are."),
});

export const boardOrderSchema = z
  .strictObject({
    id: hash.describe("What `selects` of the selecting order names."),
    batch: z.string(),
    side,
    price: decimal.describe("Per tonne, in minor units of the settlement currency: the price of every trade with it."),
    tonnes: decimal.describe("What is left."),
    minimumTonnes: decimal.describe("The least that can be selected now."),
    account: address,
    participantId: z.int(),
    expiresAt: dateTime,
    createdAt: dateTime,
    links: z.strictObject({ self: z.string(), participant: z.string() }),
  })
  .meta({ id: "PutThroughOrder" });

export const boardPage = pageOf(boardOrderSchema);
