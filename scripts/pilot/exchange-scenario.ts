import { z } from "zod";

/** The shape of the scenario's day on the exchange. Prices are per tonne, in minor units of the settlement currency. */

const code = z.string().regex(/^[A-Z0-9.-]{1,31}$/);
const number = z.string().regex(/^[1-9][0-9]*$/);
const step = z.string();
const side = z.enum(["buy", "sell"]);
const offer = { step, organisation: z.string(), batch: code, side, tonnes: number, price: number };

const marketAct = z.discriminatedUnion("kind", [
  z.strictObject({ ...offer, kind: z.literal("order"), timeInForce: z.enum(["ioc", "fok"]).optional() }),
  z.strictObject({ ...offer, kind: z.literal("firm-order") }),
  z.strictObject({ step, kind: z.literal("selection"), organisation: z.string(), selects: z.string(), tonnes: number }),
  z.strictObject({ step, kind: z.literal("order-cancellation"), order: z.string() }),
  z.strictObject({
    step,
    kind: z.literal("deal"),
    seller: z.string(),
    buyer: z.string(),
    reportedBy: z.enum(["buyer", "seller"]),
    batch: code,
    tonnes: number,
    price: number,
  }),
  z.strictObject({
    step,
    kind: z.literal("auction"),
    seller: z.string(),
    batch: code,
    tonnes: number,
    reservePrice: number,
    bids: z.array(z.strictObject({ organisation: z.string(), tonnes: number, price: number })).min(1),
  }),
  z.strictObject({
    step,
    kind: z.literal("failed-settlement"),
    seller: z.string(),
    buyer: z.string(),
    batch: code,
    tonnes: number,
    price: number,
    why: z.string(),
  }),
]);

export const marketSchema = z.strictObject({
  priceLevel: z.string(),
  instruments: z.array(
    z.strictObject({
      batch: code,
      kind: z.enum(["credit", "allowance"]),
      tick: number,
      bandBasisPoints: z.int().positive(),
      referencePrice: number,
      calendar: z.enum(["vietnam", "always-open"]),
    }),
  ),
  /** What the settlement bank has received for each; all of it goes into trading. */
  money: z.array(z.strictObject({ organisation: z.string(), amount: number })),
  /** Units that go into trading. */
  deliveries: z.array(z.strictObject({ organisation: z.string(), batch: code, tonnes: number })),
  acts: z.array(marketAct),
});

export type MarketAct = z.infer<typeof marketAct>;
export type MarketActOf<Kind extends MarketAct["kind"]> = Extract<MarketAct, { kind: Kind }>;
