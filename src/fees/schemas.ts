import { z } from "zod";

import { address, addressInput, dateTime, dateTimeInput } from "../http/primitives.js";

export const FEES_TAG = "Fees";

/** As `Exchange.MAX_FEE_BASIS_POINTS`. */
const MOST_BASIS_POINTS = 500;

const basisPoints = z
  .int()
  .min(0)
  .max(MOST_BASIS_POINTS)
  .describe("Of the trade's value (tonnes × price), from each side; 100 are one per cent.");

export const feeBody = z.strictObject({
  basisPoints,
  from: dateTimeInput.describe("When it begins, in whole seconds: in the future. Until then the fee in force stays."),
});

export const feeAccountBody = z.strictObject({
  account: addressInput.describe("An active account: it receives fees as a position on the exchange."),
});

export const feesSchema = z
  .strictObject({
    basisPoints: basisPoints.describe("In force. An order that allows less is refused."),
    next: z
      .strictObject({ basisPoints, from: dateTime })
      .nullable()
      .describe("What is announced. Orders that allow less cannot settle from then on."),
    account: address.nullable().describe("Who receives fees; null: nobody yet, and there is no fee."),
  })
  .meta({ id: "Fees" });
