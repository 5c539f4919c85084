import { randomUUID } from "node:crypto";

import { Problem } from "../errors.js";
import type { Route, RouteRequest } from "../http/route.js";
import { defineStream, lastEventId, type StreamSink } from "../http/stream.js";
import { toInteger } from "../integers.js";
import type { Channel, ChannelEvent } from "./channel.js";
import {
  batchParams,
  marketEvents,
  MARKET_DATA_TAG,
  ORDERS_TAG,
  ownEvents,
  ownStreamQuery,
  streamQuery,
} from "./schemas.js";
import type { MarketData } from "./service.js";

const RESUME =
  "Every event has a `sequence`, which grows by one. A reader that comes back names the last one that it saw (`Last-Event-ID`, or `from`) " +
  "and goes on after it, as long as the events are kept; numbers of an earlier run of the service are not.";

/** The streams of markets and of own orders. */
export function streamRoutes(data: MarketData): Route[] {
  return [marketStream(data), ownStream(data)];
}

function marketStream(data: MarketData): Route {
  return defineStream({
    path: "/instruments/{batch}/stream",
    summary: "A market, live",
    description:
      "Begins with a `snapshot` of the whole book; each `delta` and `trade` then says how the levels that it touched are after it. " +
      `\`settlement\` tells the fate of a trade, \`state\` a halt or the end of one. ${RESUME}`,
    tag: MARKET_DATA_TAG,
    access: "public",
    params: batchParams,
    query: streamQuery,
    events: marketEvents,
    problems: ["not-found", "stream-too-old", "market-unavailable"],
    async open(request) {
      const { batch } = request.params;
      await data.checkMarket(batch);
      await data.ready();
      const channel = data.market.channelOf(batch);
      const start = startOf(request, channel);
      return (sink) => {
        if (start === undefined) {
          const at = new Date().toISOString();
          const book = data.market.bookOf(batch);
          sink.send({ id: String(book.sequence), event: "snapshot", data: { ...book, at } });
        }
        return follow(channel, start, sink);
      };
    },
  });
}

function ownStream(data: MarketData): Route {
  return defineStream({
    path: "/orders/stream",
    summary: "Own orders, live",
    description:
      "Begins with `ready`. `order` tells each change of an order, `fill` a trade of it, `settlement` the fate of a trade: settled, or failed " +
      `with the reason. ${RESUME}`,
    tag: ORDERS_TAG,
    access: { scopes: ["participant"] },
    query: ownStreamQuery,
    events: ownEvents,
    problems: ["stream-too-old"],
    async open(request) {
      const { principal, query } = request;
      const participantId = principal.kind === "key" ? principal.participantId : null;
      if (participantId === null) throw new Problem("forbidden", "The API key is no participant's.");
      const channel = data.own.channelOf(participantId);
      const start = startOf(request, channel);
      const wasAsked = startAsked(request) !== undefined;
      return (sink) => {
        const session = query.cancelOnDisconnect === true ? randomUUID() : null;
        if (session !== null) data.sessions.open(session, participantId);
        const sequence = start ?? channel.sequence();
        const ready = { sequence, session, isComplete: start !== undefined || !wasAsked };
        sink.send({ id: String(sequence), event: "ready", data: ready });
        const leave = follow(channel, start, sink);
        return () => {
          leave();
          if (session !== null) data.sessions.close(session);
        };
      };
    },
  });
}

type StreamRequest = Pick<
  RouteRequest<unknown, { from?: string | undefined; gap?: string | undefined }, unknown>,
  "headers" | "query"
>;

function startAsked({ headers, query }: StreamRequest): number | undefined {
  // Who comes back by itself repeats the query of the first time: the header is younger.
  const text = lastEventId(headers) ?? query.from;
  return text === undefined ? undefined : toInteger(text);
}

/**
 * After which event the stream goes on; undefined: it begins anew.
 * @throws Problem `stream-too-old`
 */
function startOf(request: StreamRequest, channel: Channel): number | undefined {
  const asked = startAsked(request);
  if (asked === undefined) return undefined;
  try {
    channel.after(asked);
    return asked;
  } catch (error) {
    if (error instanceof Problem && request.query.gap === "snapshot") return undefined;
    throw error;
  }
}

/** Sends what was missed, then what comes. */
function follow(channel: Channel, start: number | undefined, sink: StreamSink): () => void {
  if (start !== undefined) {
    for (const event of missed(channel, start, sink)) sink.send(event);
  }
  return channel.subscribe((event) => sink.send(event));
}

/** Between the decision to go on and this moment, more may have come than is kept. */
function missed(channel: Channel, start: number, sink: StreamSink): readonly ChannelEvent[] {
  try {
    return channel.after(start);
  } catch {
    sink.end("stream-too-old");
    return [];
  }
}
