import type { Response } from "express";
import { z } from "zod";
import { jsonText } from "../db/json.js";
import { Problem } from "../errors.js";
import { defineRoute, type Route, type RouteDescription, type RouteRequest } from "./route.js";

/** One server-sent event. */
export interface StreamEvent {
  /** What a reader that comes back names, to go on after it. */
  readonly id?: string;
  readonly event: string;
  /** Sent as JSON; bigints become decimal strings. */
  readonly data: unknown;
}

/** Where the events of one stream go. What is sent after its end is dropped. */
export interface StreamSink {
  send(event: StreamEvent): void;
  /** Resolves when the reader has taken what was sent, or the stream is over: for who has much to send at once. */
  drained(): Promise<void>;
  /** Tells the reader why, and ends the stream. */
  end(reason: string): void;
}

/** Begins to send; the answer is called once, when the stream is over. */
export type Streaming = (sink: StreamSink) => () => void;

export interface StreamSettings {
  /** Streams at once, all together; 500 when left out. */
  readonly maxStreams?: number;
  /** Streams at once of one API key; 20 when left out. */
  readonly maxStreamsPerKey?: number;
  /** Milliseconds between two signs of life; 15,000 when left out. */
  readonly heartbeatMs?: number;
  /** Bytes that may wait for a slow reader before it is cut off; 1 MiB when left out. */
  readonly maxWaitingBytes?: number;
}

type StreamDescription<Params, Query> = Omit<
  RouteDescription,
  "method" | "params" | "query" | "body" | "answers" | "events"
> & {
  readonly params?: Params;
  readonly query?: Query;
  /** The data of each event, by its name. */
  readonly events: Readonly<Record<string, z.ZodType>>;
  /** Decides, before anything is sent. @throws Problem */
  open(
    request: RouteRequest<
      Params extends z.ZodObject ? z.output<Params> : undefined,
      Query extends z.ZodObject ? z.output<Query> : undefined,
      undefined
    >,
  ): Promise<Streaming>;
};

const endSchema = z
  .strictObject({
    reason: z.string().describe("`slow-reader`: too much waited to be read. `shutting-down`: come back in a moment."),
  })
  .meta({ id: "StreamEnd" });

/**
 * A route that answers with server-sent events (`text/event-stream`). Every few seconds a comment shows that it lives; a reader that does
 * not keep up, and one whose service stops, get an `end` event with the reason.
 */
export function defineStream<
  const Params extends z.ZodObject | undefined = undefined,
  const Query extends z.ZodObject | undefined = undefined,
>(stream: StreamDescription<Params, Query>): Route {
  const { open, events, problems, ...description } = stream;
  const route = {
    ...description,
    method: "get",
    events: { ...events, end: endSchema },
    problems: [...(problems ?? []), "too-many-streams"],
    answers: { 200: { description: "Server-sent events, until either side ends it." } },
    handle: async (request: Parameters<typeof open>[0]) => ({ status: 200, stream: await open(request) }),
  };
  return defineRoute(route as unknown as Parameters<typeof defineRoute>[0]);
}

/** Which event was seen last: of the header that browsers send when they come back, or as the query names it. */
export function lastEventId(headers: RouteRequest<unknown, unknown, unknown>["headers"]): string | undefined {
  const id = headers["last-event-id"];
  if (id !== undefined && !/^(0|[1-9]\d{0,15})$/.test(id))
    throw new Problem("header-invalid", "Last-Event-ID is not of this stream.");
  return id;
}

const HEARTBEAT = 15_000;
const MAX_WAITING_BYTES = 1024 * 1024;
const MAX_STREAMS = 500;
const MAX_STREAMS_PER_KEY = 20;
/** How long a reader that is cut off may take to read why, in milliseconds. */
const LAST_WORDS = 2_000;
/** How soon a browser comes back, in milliseconds. */
const RETRY = 2_000;

export interface OpenStream {
  readonly streaming: Streaming;
  readonly events: Readonly<Record<string, z.ZodType>>;
  /** Whose it is, for the limit; undefined: nobody's in particular. */
  readonly key: string | undefined;
  /** Aborts when the reader is gone or the service stops. */
  readonly signal: AbortSignal;
  readonly checkAnswers: boolean;
}

/** Sends streams, so many at once. */
export function createStreamer(settings: StreamSettings = {}) {
  const maxStreams = settings.maxStreams ?? MAX_STREAMS;
  const maxStreamsPerKey = settings.maxStreamsPerKey ?? MAX_STREAMS_PER_KEY;
  const maxWaitingBytes = settings.maxWaitingBytes ?? MAX_WAITING_BYTES;
  const byKey = new Map<string, number>();
  let count = 0;

  function enter(key: string | undefined): () => void {
    const own = key === undefined ? 0 : (byKey.get(key) ?? 0);
    if (count >= maxStreams) throw new Problem("too-many-streams", `At most ${maxStreams} streams are open at once.`);
    if (own >= maxStreamsPerKey) {
      throw new Problem("too-many-streams", `An API key may have ${maxStreamsPerKey} streams open at once.`);
    }
    count++;
    if (key !== undefined) byKey.set(key, own + 1);
    return () => {
      count--;
      if (key === undefined) return;
      const left = (byKey.get(key) ?? 1) - 1;
      if (left === 0) byKey.delete(key);
      else byKey.set(key, left);
    };
  }

  return {
    /** @throws Problem `too-many-streams` */
    send(response: Response, { streaming, events, key, signal, checkAnswers }: OpenStream): void {
      const leave = enter(key);
      response.status(200).set({ "content-type": "text/event-stream", connection: "close", "x-accel-buffering": "no" });
      response.flushHeaders();
      response.write(`retry: ${RETRY}\n\n`);
      const heartbeat = setInterval(() => response.write(": alive\n\n"), settings.heartbeatMs ?? HEARTBEAT);
      let isOver = false as boolean;
      let stop: () => void = () => undefined;

      const finish = (): void => {
        if (isOver) return;
        isOver = true;
        clearInterval(heartbeat);
        signal.removeEventListener("abort", onAbort);
        leave();
        stop();
      };
      const end = (reason: string): void => {
        if (isOver) return;
        finish();
        response.end(frameOf({ event: "end", data: { reason } }));
        const cut = setTimeout(() => response.destroy(), LAST_WORDS);
        response.once("close", () => clearTimeout(cut));
      };
      const onAbort = (): void => end("shutting-down");
      signal.addEventListener("abort", onAbort);
      response.once("close", finish);

      stop = streaming({
        end,
        async drained() {
          if (isOver || !response.writableNeedDrain) return;
          await new Promise<void>((resolve) => {
            const done = (): void => {
              response.off("drain", done).off("close", done);
              resolve();
            };
            response.on("drain", done).on("close", done);
          });
        },
        send(event) {
          if (isOver) return;
          if (checkAnswers) checkEvent(events, event);
          if (response.writableLength > maxWaitingBytes) end("slow-reader");
          else response.write(frameOf(event));
        },
      });
      // It may have ended while it began, and the reader may have gone before that.
      if (isOver) stop();
      else if (response.closed) finish();
      else if (signal.aborted) end("shutting-down");
    },
  };
}

export type Streamer = ReturnType<typeof createStreamer>;

/** An event goes to many readers: it is written once. */
const frames = new WeakMap<StreamEvent, string>();

function frameOf(event: StreamEvent): string {
  const known = frames.get(event);
  if (known !== undefined) return known;
  const id = event.id === undefined ? "" : `id: ${event.id}\n`;
  const frame = `${id}event: ${event.event}\ndata: ${jsonText(event.data)}\n\n`;
  frames.set(event, frame);
  return frame;
}

function checkEvent(events: OpenStream["events"], event: StreamEvent): void {
  const schema = events[event.event];
  if (schema === undefined) throw new Error(`There is no event ${event.event} in this stream.`);
  const result = schema.safeParse(JSON.parse(jsonText(event.data)));
  if (!result.success)
    throw new Error(`The event ${event.event} does not fit its schema: ${z.prettifyError(result.error)}`);
}
