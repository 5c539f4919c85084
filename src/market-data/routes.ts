import { defineRoute, ok, type Route } from "../http/route.js";
import { toInteger } from "../integers.js";
import type { DailySummary } from "./daily.js";
import {
  batchParams,
  bookQuery,
  bookSchema,
  candlesQuery,
  candlesSchema,
  dailyListSchema,
  dailyQuery,
  marketDayQuery,
  marketDaySchema,
  MARKET_DATA_TAG,
  tradePage,
  tradesQuery,
  volumeQuery,
  volumeSchema,
} from "./schemas.js";
import { MILLISECONDS, type MarketData } from "./service.js";
import { streamRoutes } from "./stream-routes.js";
import type { Candle, PublicTrade } from "./trade-queries.js";

const TAG = MARKET_DATA_TAG;
const DEFAULT_LEVELS = 20;
const COUNTS =
  "A trade counts from the moment that it is matched. One whose settlement failed drops out of every answer from then on.";

/** What the markets show: books, trades, candles, days, volumes, and all of it live. */
export function marketDataRoutes(data: MarketData): Route[] {
  return [...instrumentRoutes(data), ...marketRoutes(data), ...streamRoutes(data)];
}

function instrumentRoutes(data: MarketData): Route[] {
  const book = defineRoute({
    method: "get",
    path: "/instruments/{batch}/book",
    summary: "The book by price",
    description: "`sequence` is where the stream of the instrument goes on.",
    tag: TAG,
    access: "public",
    params: batchParams,
    query: bookQuery,
    answers: { 200: { description: "The best price of each side first.", schema: bookSchema } },
    problems: ["market-unavailable"],
    async handle({ params, query }) {
      return ok(await data.book(params.batch, query.levels === undefined ? DEFAULT_LEVELS : toInteger(query.levels)));
    },
  });

  const trades = defineRoute({
    method: "get",
    path: "/instruments/{batch}/trades",
    summary: "Trades, the latest first",
    description: "Those that failed are shown, too, as `failed`.",
    tag: TAG,
    access: "public",
    params: batchParams,
    query: tradesQuery,
    answers: { 200: { description: "A page.", schema: tradePage } },
    async handle({ params, query: { limit, cursor, ...filter } }) {
      const { items, next } = await data.trades(params.batch, filter, { limit, cursor });
      return ok({ items: items.map(tradeJson), next });
    },
  });

  const candles = defineRoute({
    method: "get",
    path: "/instruments/{batch}/candles",
    summary: "Open, high, low, close and volume by interval",
    description: `${COUNTS} Intervals are counted from midnight in Vietnam (UTC+7); those without a trade are left out.`,
    tag: TAG,
    access: "public",
    params: batchParams,
    query: candlesQuery,
    answers: { 200: { description: "The earliest first.", schema: candlesSchema } },
    problems: ["range-invalid"],
    async handle({ params: { batch }, query: { interval, from, to } }) {
      const range = { from: instantOf(from), to: instantOf(to) };
      const items = await data.candles(batch, interval, range);
      return ok({ batch, interval, items: items.map((candle) => candleJson(candle, MILLISECONDS[interval])) });
    },
  });

  const daily = defineRoute({
    method: "get",
    path: "/instruments/{batch}/daily",
    summary: "The days of an instrument",
    description: COUNTS,
    tag: TAG,
    access: "public",
    params: batchParams,
    query: dailyQuery,
    answers: { 200: { description: "The earliest first.", schema: dailyListSchema } },
    problems: ["range-invalid"],
    async handle({ params, query: { from, to } }) {
      const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      return ok({ items: (await data.daily(params.batch, range)).map(dailyJson) });
    },
  });

  return [book, trades, candles, daily];
}

function marketRoutes(data: MarketData): Route[] {
  const day = defineRoute({
    method: "get",
    path: "/market/daily",
    summary: "A day of all markets, as published at close",
    description: COUNTS,
    tag: TAG,
    access: "public",
    query: marketDayQuery,
    answers: { 200: { description: "By instrument, and in total.", schema: marketDaySchema } },
    async handle({ query }) {
      const { items, ...rest } = await data.day(query.date);
      return ok({ ...rest, items: items.map(dailyJson) });
    },
  });

  const volume = defineRoute({
    method: "get",
    path: "/market/volume",
    summary: "What was traded in a range of days",
    description: COUNTS,
    tag: TAG,
    access: "public",
    query: volumeQuery,
    answers: { 200: { description: "By instrument, and in total.", schema: volumeSchema } },
    problems: ["range-invalid"],
    async handle({ query: { from, to, batch } }) {
      return ok({ from, to, ...(await data.volume({ from, to }, batch)) });
    },
  });

  return [day, volume];
}

function instantOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function tradeJson({ matchedAt, blockNumber, ...trade }: PublicTrade) {
  return {
    ...trade,
    value: trade.price * trade.tonnes,
    matchedAt: matchedAt.toISOString(),
    blockNumber: blockNumber === null ? null : toInteger(blockNumber),
    links: { transaction: trade.txHash === null ? null : `/v1/transactions/${trade.txHash}` },
  };
}

function candleJson({ start, closedAt: _, ...candle }: Candle, interval: number) {
  return { start: new Date(start).toISOString(), end: new Date(start + interval).toISOString(), ...candle };
}

function dailyJson({ prices, reference, ...summary }: DailySummary) {
  const change = prices === null || reference === null ? null : prices.close - reference;
  return {
    ...summary,
    prices: prices && { open: prices.open, high: prices.high, low: prices.low, close: prices.close },
    reference,
    change,
  };
}
