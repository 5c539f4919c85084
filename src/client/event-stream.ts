import { backoff, mayPass, sleepUnless } from "./patience.js";
import { ApiProblem, ApiUnreachable, problemOf } from "./problem.js";
import { headersOf, parseJson, urlOf, type Query, type TransportOptions } from "./transport.js";

/** An event of a stream. `sequence` grows by one with each. */
export interface StreamEvent<Name extends string = string, Data = unknown> {
  readonly event: Name;
  readonly sequence: number;
  readonly data: Data;
}

export interface StreamOptions {
  /** Go on after this event, of an earlier stream. */
  readonly from?: number;
  /** Ends the stream. So does leaving the loop over it. */
  readonly signal?: AbortSignal;
  /** How often, in a row, the service may be unreachable. Default 10. */
  readonly attempts?: number;
  /** Milliseconds without a sign of life after which the connection counts as lost. Default 60,000. */
  readonly silenceMilliseconds?: number;
}

/** Whether an event can come after the one before; if not, the stream goes back to where it broke off. */
export type Follows = (event: StreamEvent, last: number) => boolean;

/** Events that begin a stream anew: what was before them does not matter any more. */
const BEGINNINGS: ReadonlySet<string> = new Set(["snapshot", "ready"]);
const DEFAULT_ATTEMPTS = 10;
const DEFAULT_SILENCE = 60_000;

/** A market's streams: every number comes. */
const withoutGaps: Follows = ({ event, sequence }, last) => BEGINNINGS.has(event) || sequence === last + 1;

/** Numbers of what the reader may not see, or did not ask for, are left out. */
export const withGaps: Follows = ({ event, sequence }, last) => BEGINNINGS.has(event) || sequence > last;

/**
 * A stream of the service, for as long as it is read. A connection that is lost is made again, and the stream goes on after the last
 * event; what the service does not keep any more begins anew, with a `snapshot` or a `ready`. An event that does not follow the one
 * before is never given: the stream goes back to where it broke off.
 * @throws ApiProblem when the service refuses, ApiUnreachable when it cannot be reached any more
 */
export async function* followStream<Event extends StreamEvent>(
  transport: TransportOptions,
  path: string,
  query: Query,
  options: StreamOptions = {},
  follows: Follows = withoutGaps,
): AsyncGenerator<Event, void, undefined> {
  const attempts = options.attempts ?? DEFAULT_ATTEMPTS;
  const signal = anyOf([options.signal, transport.signal]);
  let last = options.from;
  let failures = 0;
  while (!isAborted(signal)) {
    const gone = new AbortController();
    const stop = (): void => gone.abort();
    signal?.addEventListener("abort", stop);
    const place = { path, query: { ...query, from: last, gap: "snapshot" } };
    try {
      for await (const event of connect(transport, place, options, gone)) {
        if (last !== undefined && !follows(event, last)) break;
        last = event.sequence;
        failures = 0;
        yield event as Event;
      }
    } catch (error) {
      if (error instanceof ApiProblem && !mayPass(error)) throw error;
      if (isAborted(signal)) return;
      failures += 1;
      if (failures >= attempts) throw giveUp(urlOf(transport.baseUrl, place), failures, error);
    } finally {
      signal?.removeEventListener("abort", stop);
      gone.abort();
    }
    await pause(transport, backoff(failures + 1, transport.random ?? Math.random), signal);
  }
}

interface Place {
  readonly path: string;
  readonly query: Query;
}

/** One connection, until it ends. */
async function* connect(
  transport: TransportOptions,
  place: Place,
  options: StreamOptions,
  gone: AbortController,
): AsyncGenerator<StreamEvent, void, undefined> {
  const accept = "text/event-stream, application/problem+json";
  const call = { method: "GET", repeatable: true, ...place, headers: { accept } } as const;
  const silence = options.silenceMilliseconds ?? DEFAULT_SILENCE;
  let watch = setTimeout(() => gone.abort(), silence);
  try {
    const response = await (transport.fetch ?? fetch)(urlOf(transport.baseUrl, call), {
      headers: headersOf(transport, call),
      signal: gone.signal,
    });
    if (!response.ok || response.body === null) {
      throw new ApiProblem(problemOf(response.status, parseJson(await response.text())));
    }
    let text = "";
    for await (const chunk of chunksOf(response.body)) {
      clearTimeout(watch);
      watch = setTimeout(() => gone.abort(), silence);
      text += chunk;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = eventOf(block);
        if (event?.event === "end") return;
        if (event !== undefined) yield event;
      }
    }
  } finally {
    clearTimeout(watch);
  }
}

/** Not every browser can loop over a stream. */
async function* chunksOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, void, undefined> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // The connection may be gone already.
    await reader.cancel().catch(() => undefined);
  }
}

/** Undefined for what is no event: a comment, a hint how soon to come back. */
function eventOf(block: string): StreamEvent | undefined {
  let event = "";
  let data = "";
  let id = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event = line.slice(7);
    else if (line.startsWith("data: ")) data += line.slice(6);
    else if (line.startsWith("id: ")) id = line.slice(4);
  }
  if (event === "") return undefined;
  const parsed = JSON.parse(data) as { readonly sequence?: number };
  return { event, sequence: parsed.sequence ?? Number(id), data: parsed };
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function anyOf(signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length === 0 ? undefined : AbortSignal.any(given);
}

function giveUp(url: string, attempts: number, cause: unknown): Error {
  return cause instanceof ApiProblem ? cause : new ApiUnreachable("GET", url, { attempts }, cause);
}

async function pause(
  transport: TransportOptions,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (transport.sleep !== undefined) return transport.sleep(milliseconds);
  // Whoever ends the stream is not told so by an error.
  await sleepUnless(milliseconds, signal).catch(() => undefined);
}
