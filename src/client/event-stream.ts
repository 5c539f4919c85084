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

/** Events that begin a stream anew: what was before them does not matter any more. */
const BEGINNINGS: ReadonlySet<string> = new Set(["snapshot", "ready"]);
const DEFAULT_ATTEMPTS = 10;
const DEFAULT_SILENCE = 60_000;
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 10_000;

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
): AsyncGenerator<Event, void, undefined> {
  const attempts = options.attempts ?? DEFAULT_ATTEMPTS;
  let last = options.from;
  let failures = 0;
  while (options.signal?.aborted !== true) {
    const gone = new AbortController();
    const stop = (): void => gone.abort();
    options.signal?.addEventListener("abort", stop);
    try {
      for await (const event of connect(transport, path, { ...query, from: last, gap: "snapshot" }, options, gone)) {
        if (!BEGINNINGS.has(event.event) && last !== undefined && event.sequence !== last + 1) break;
        last = event.sequence;
        failures = 0;
        yield event as Event;
      }
    } catch (error) {
      if (error instanceof ApiProblem && !error.retryable) throw error;
      if (isAborted(options.signal)) return;
      failures += 1;
      if (failures >= attempts) throw giveUp(transport, path, failures, error);
    } finally {
      options.signal?.removeEventListener("abort", stop);
      gone.abort();
    }
    await pause(transport, Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE));
  }
}

/** One connection, until it ends. */
async function* connect(
  transport: TransportOptions,
  path: string,
  query: Query,
  options: StreamOptions,
  gone: AbortController,
): AsyncGenerator<StreamEvent, void, undefined> {
  const call = { method: "GET", path, query, repeatable: true } as const;
  const response = await (transport.fetch ?? fetch)(urlOf(transport.baseUrl, call), {
    headers: { ...headersOf(transport, call), accept: "text/event-stream, application/problem+json" },
    signal: gone.signal,
  });
  if (!response.ok || response.body === null) {
    throw new ApiProblem(problemOf(response.status, parseJson(await response.text())));
  }
  const silence = options.silenceMilliseconds ?? DEFAULT_SILENCE;
  let watch = setTimeout(() => gone.abort(), silence);
  let text = "";
  try {
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
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

/** Undefined for what is no event: a comment, a hint how soon to come back. */
function eventOf(block: string): StreamEvent | undefined {
  let event = "";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event = line.slice(7);
    else if (line.startsWith("data: ")) data += line.slice(6);
  }
  if (event === "") return undefined;
  const parsed = JSON.parse(data) as { readonly sequence?: number };
  return { event, sequence: parsed.sequence ?? 0, data: parsed };
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

function giveUp(transport: TransportOptions, path: string, attempts: number, cause: unknown): Error {
  return cause instanceof ApiProblem
    ? cause
    : new ApiUnreachable("GET", urlOf(transport.baseUrl, { method: "GET", path, repeatable: true }), attempts, cause);
}

function pause(transport: TransportOptions, milliseconds: number): Promise<void> {
  return transport.sleep === undefined
    ? new Promise((resolve) => setTimeout(resolve, milliseconds))
    : transport.sleep(milliseconds);
}
