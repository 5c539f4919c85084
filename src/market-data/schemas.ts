import { z } from "zod";

import { problemSchema } from "../http/act.js";
import { pageOf, pageQuery } from "../http/pagination.js";
import {
  address,
  blockNumber,
  code,
  codeInput,
  dateTime,
  dateTimeInput,
  day,
  dayInput,
  decimal,
  hash,
} from "../http/primitives.js";

export const MARKET_DATA_TAG = "Market data";
export const ORDERS_TAG = "Orders";

/** The longest answer of each kind; longer ranges are asked for in parts. */
export const MAX_LEVELS = 100;
export const MAX_CANDLES = 1_000;
export const MAX_DAYS = 366;

export const INTERVALS = ["1m", "5m", "15m", "1h", "1d"] as const;

const mode = z.enum(["book", "put-through", "deal", "auction"]);
const side = z.enum(["buy", "sell"]);
const tradeStatus = z.enum(["matched", "settled", "failed"]);

export const batchParams = z.strictObject({ batch: codeInput });

export const bookQuery = z.strictObject({
  levels: z
    .string()
    .regex(/^([1-9]\d?|100)$/, `must be from 1 to ${MAX_LEVELS}`)
    .optional()
    .describe("Prices of each side, the best first; 20 when left out."),
});

const level = z.strictObject({
  price: decimal,
  tonnes: decimal.describe("Of all orders at this price; `0`: nobody stands here any more."),
  orders: z.int(),
});

const sequence = z.int().describe("Grows by one with each event; what the stream is asked to go on after.");

const book = { sequence, bids: z.array(level), asks: z.array(level) };

export const bookSchema = z.strictObject({ batch: code, ...book }).meta({ id: "Book" });

export const tradesQuery = z.strictObject({ ...pageQuery, status: tradeStatus.optional(), mode: mode.optional() });

const publicTrade = {
  id: hash,
  mode,
  price: decimal.describe("Per tonne."),
  tonnes: decimal,
  value: decimal.describe("Price × tonnes."),
  aggressor: side.nullable().describe("The side that came second; null where nobody did."),
};

export const tradeSchema = z
  .strictObject({
    batch: code,
    ...publicTrade,
    matchedAt: dateTime,
    status: tradeStatus.describe(
      "`matched`: on its way to the chain. `failed`: nothing of it happened; it counts nowhere.",
    ),
    txHash: hash.nullable(),
    blockNumber: blockNumber.nullable(),
    links: z.strictObject({ transaction: z.string().nullable() }),
  })
  .meta({ id: "PublicTrade" });

export const tradePage = pageOf(tradeSchema);

export const candlesQuery = z.strictObject({
  interval: z.enum(INTERVALS),
  from: dateTimeInput
    .optional()
    .describe(`The interval that holds it is the first. Left out: ${MAX_CANDLES} intervals before \`to\`.`),
  to: dateTimeInput.optional().describe("The interval that holds it is the last. Left out: now."),
});

const turnover = {
  tonnes: decimal,
  value: decimal.describe("Sum of price × tonnes, in minor units."),
  trades: decimal.describe("How many."),
};

const prices = { open: decimal, high: decimal, low: decimal, close: decimal };

export const candlesSchema = z
  .strictObject({
    batch: code,
    interval: z.enum(INTERVALS),
    items: z
      .array(
        z.strictObject({
          start: dateTime,
          end: dateTime,
          ...prices,
          ...turnover,
          isProvisional: z.boolean().describe("A trade in it is not settled yet, and may still drop out."),
        }),
      )
      .describe("The earliest first. Intervals without a trade are left out."),
  })
  .meta({ id: "Candles" });

export const dailyQuery = z.strictObject({
  from: dayInput.optional().describe("First day, local. Left out: 30 days before `to`."),
  to: dayInput.optional().describe("Last day, local. Left out: today."),
});

const byMode = z.array(z.strictObject({ mode, ...turnover }));

const dailySchema = z
  .strictObject({
    batch: code,
    day,
    currency: z.string(),
    prices: z.strictObject(prices).nullable().describe("Null: nothing was traded."),
    reference: decimal.nullable().describe("The close before, or what the operator has set since."),
    change: z.string().nullable().describe("Close minus reference, with a minus sign when it fell."),
    ...turnover,
    byMode,
    isFinal: z.boolean().describe("The day is over and all its trades are settled: nothing will change any more."),
  })
  .meta({ id: "DailySummary" });

export const dailyListSchema = z.strictObject({
  items: z.array(dailySchema).describe("The earliest first. Days without a trade are left out."),
});

export const marketDayQuery = z.strictObject({ date: dayInput.optional().describe("A local day. Left out: today.") });

export const marketDaySchema = z
  .strictObject({
    day,
    items: z.array(dailySchema).describe("Every instrument with a market."),
    total: z.strictObject(turnover),
  })
  .meta({ id: "MarketDay" });

export const volumeQuery = z.strictObject({ from: dayInput, to: dayInput, batch: codeInput.optional() });

export const volumeSchema = z
  .strictObject({
    from: day,
    to: day,
    items: z.array(z.strictObject({ batch: code, ...turnover, byMode })),
    total: z.strictObject(turnover),
  })
  .meta({ id: "Volume" });

export const streamQuery = z.strictObject({
  from: z
    .string()
    .regex(/^(0|[1-9]\d{0,15})$/, "must be a sequence number")
    .optional()
    .describe("Go on after this event. `Last-Event-ID`, which browsers send when they come back, says the same."),
  gap: z
    .enum(["refuse", "snapshot"])
    .optional()
    .describe("What to do when the stream does not go back that far: refuse (`stream-too-old`), or begin anew."),
});

const change = z.strictObject({ side, ...level.shape });
const at = dateTime;

/** The public stream of a market. */
export const marketEvents = {
  snapshot: z.strictObject({ batch: code, at, ...book }).meta({ id: "StreamSnapshot" }),
  delta: z.strictObject({ sequence, at, levels: z.array(change) }).meta({ id: "StreamDelta" }),
  trade: z
    .strictObject({
      sequence,
      at,
      levels: z.array(change),
      trades: z.array(z.strictObject(publicTrade)),
    })
    .meta({ id: "StreamTrade" }),
  settlement: z
    .strictObject({ sequence, trade: hash, status: z.enum(["settled", "failed"]), txHash: hash.nullable() })
    .meta({ id: "StreamSettlement" }),
  state: z
    .strictObject({ sequence, at, state: z.enum(["open", "halted"]), reason: z.string().nullable() })
    .meta({ id: "StreamState" }),
};

export const ownStreamQuery = z.strictObject({
  ...streamQuery.shape,
  cancelOnDisconnect: z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .optional()
    .describe(
      "Makes a session: orders that name it as `session` are cancelled when this stream ends, however it ends.",
    ),
});

const ownOrder = z.strictObject({
  id: hash,
  account: address,
  batch: code,
  side,
  tonnes: decimal,
  filledTonnes: decimal.describe("Matched so far, settled or not."),
  price: decimal,
  status: z.enum(["open", "filled", "cancelled", "expired", "rejected"]),
  reason: z.string().nullable(),
});

/** The stream of a participant's own orders. */
export const ownEvents = {
  ready: z
    .strictObject({
      sequence,
      session: z.string().nullable(),
      isComplete: z.boolean().describe("False: events were missed; read your orders and trades again."),
    })
    .meta({ id: "StreamReady" }),
  order: z.strictObject({ sequence, at, order: ownOrder }).meta({ id: "StreamOrder" }),
  fill: z
    .strictObject({
      sequence,
      at,
      order: ownOrder,
      fill: z.strictObject({ trade: hash, price: decimal, tonnes: decimal }),
    })
    .meta({ id: "StreamFill" }),
  settlement: z
    .strictObject({
      sequence,
      trade: hash,
      batch: code,
      mode,
      side,
      order: hash.describe("The own order; of a deal, the deal."),
      tonnes: decimal,
      price: decimal,
      fee: decimal.nullable(),
      status: tradeStatus,
      txHash: hash.nullable(),
      problem: problemSchema
        .nullable()
        .describe("Of a trade that failed: why. What was reserved for it is free again."),
    })
    .meta({ id: "StreamOwnSettlement" }),
};
