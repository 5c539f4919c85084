import {
  askedPause,
  backoff,
  LONGEST_RETRY_AFTER_SECONDS,
  mayPass,
  neverArrived,
  retryAfterSeconds,
  sleepUnless,
} from "./patience.js";
import { ApiProblem, ApiUnreachable, problemOf } from "./problem.js";

export interface TransportOptions {
  /** Where the service is, without `/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly fetch?: typeof fetch;
  /** How often a request that may be repeated is tried in all. Default 8: about half a minute. */
  readonly attempts?: number;
  /** How long one attempt may take, in milliseconds. Default 75,000: more than the longest `Prefer: wait`. */
  readonly timeoutMilliseconds?: number;
  /** Ends everything that this client is doing. */
  readonly signal?: AbortSignal;
  /** For tests: how to wait. */
  readonly sleep?: (milliseconds: number) => Promise<void>;
  /** For tests: what pauses are varied by, from 0 to 1. */
  readonly random?: () => number;
}

export type Query = Readonly<Record<string, string | number | bigint | boolean | null | undefined>>;

export interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Query;
  /** A form, or what is sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** As of the client; for what takes long, more. */
  readonly timeoutMilliseconds?: number;
  /** Whether a repetition can do no harm. If not, it is tried again only when the service surely did nothing. */
  readonly repeatable: boolean;
  /** Ends the call: nothing is waited for any longer. What the service has begun, it finishes. */
  readonly signal?: AbortSignal | undefined;
}

/** A file as it came. */
export interface FileAnswer<Body = Uint8Array<ArrayBuffer>> {
  readonly body: Body;
  /** Media type, with its parameters. */
  readonly type: string;
  /** What the service calls the file. */
  readonly fileName: string | null;
  readonly headers: Headers;
}

/** Sends a call and gives the JSON of the answer. Throws `ApiProblem` or `ApiUnreachable`. */
export interface Transport {
  <Answer>(call: Call): Promise<Answer>;
  /** Its exact bytes, whole. */
  bytes(call: Call): Promise<FileAnswer>;
  /** Its bytes as they come. What breaks off is not repeated: the reader has seen its beginning. */
  stream(call: Call): Promise<FileAnswer<ReadableStream<Uint8Array<ArrayBuffer>>>>;
  /** The very request that ended in this error, once more, under the same key. */
  repeat<Answer>(failure: ApiProblem | ApiUnreachable): Promise<Answer>;
}

const DEFAULT_ATTEMPTS = 8;
const DEFAULT_TIMEOUT_MILLISECONDS = 75_000;

export function createTransport(options: TransportOptions): Transport {
  const attempts = options.attempts ?? DEFAULT_ATTEMPTS;
  const random = options.random ?? Math.random;
  /** What is not shown: bodies may name people. */
  const requests = new WeakMap<Error, Call>();

  async function attemptAll<Answer>(call: Call, take: Taking<Answer>): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await attemptOnce(options, call, take, attempt);
      if (outcome.kind === "answered") return outcome.answer;
      const { error, isUndone, retryAfter } = outcome;
      const isWorthIt = outcome.kind === "try-again" && (call.repeatable || isUndone === true);
      if (!isWorthIt || attempt >= attempts || (retryAfter ?? 0) > LONGEST_RETRY_AFTER_SECONDS) {
        requests.set(error, call);
        throw error;
      }
      const pause = retryAfter === undefined ? backoff(attempt, random) : askedPause(retryAfter, random);
      await wait(options, pause, call.signal);
    }
  }

  async function send<Answer>(call: Call): Promise<Answer> {
    return attemptAll(call, takeJson) as Promise<Answer>;
  }

  return Object.assign(send, {
    bytes: (call: Call) => attemptAll(call, takeBytes),
    stream: (call: Call) => attemptAll(call, takeStream),
    async repeat<Answer>(failure: ApiProblem | ApiUnreachable): Promise<Answer> {
      const call = requests.get(failure);
      if (call === undefined) throw new TypeError("Only what this client could not get an answer to can be repeated");
      return send<Answer>(call);
    },
  });
}

/** Makes of a 2xx answer what the caller wants; undefined when it is not the service's. */
type Taking<Answer> = (response: Response, patience: Patience) => Promise<Answer | undefined> | Answer | undefined;

type Outcome<Answer> =
  | { readonly kind: "answered"; readonly answer: Answer }
  | {
      readonly kind: "refused" | "try-again";
      readonly error: ApiProblem | ApiUnreachable;
      /** True: the service surely did nothing. */
      readonly isUndone?: boolean;
      readonly retryAfter?: number | undefined;
    };

async function attemptOnce<Answer>(
  options: TransportOptions,
  call: Call,
  take: Taking<Answer>,
  attempts: number,
): Promise<Outcome<Answer>> {
  const url = urlOf(options.baseUrl, call);
  const patience = createPatience(options, call);
  const idempotencyKey = call.headers?.["idempotency-key"];
  let response: Response;
  try {
    response = await (options.fetch ?? fetch)(url, {
      method: call.method,
      headers: headersOf(options, call),
      signal: patience.signal,
      ...(call.body === undefined ? {} : { body: isForm(call.body) ? call.body : toJson(call.body) }),
    });
    if (response.ok) {
      const answer = await take(response, patience);
      if (answer !== undefined) return { kind: "answered", answer };
    }
    const body = response.ok ? undefined : parseJson(await response.text());
    const retryAfter = retryAfterSeconds(response.headers.get("retry-after"), Date.now());
    const tries = { attempts, idempotencyKey, retryAfterSeconds: retryAfter };
    const error = new ApiProblem(problemOf(response.status, body), tries);
    // Refused at the door: no more was looked at.
    return { kind: mayPass(error) ? "try-again" : "refused", error, isUndone: error.status === 429, retryAfter };
  } catch (cause) {
    options.signal?.throwIfAborted();
    call.signal?.throwIfAborted();
    const error = new ApiUnreachable(call.method, url, { attempts, idempotencyKey }, cause);
    return { kind: "try-again", error, isUndone: neverArrived(cause) };
  } finally {
    patience.rest();
  }
}

/** Aborts when the caller does, or when there was no sign of life for too long while something was waited for. */
interface Patience {
  readonly signal: AbortSignal;
  begin(): void;
  rest(): void;
}

function createPatience(options: TransportOptions, call: Call): Patience {
  const silence = new AbortController();
  const milliseconds = call.timeoutMilliseconds ?? options.timeoutMilliseconds ?? DEFAULT_TIMEOUT_MILLISECONDS;
  const giveUp = (): void => silence.abort(new DOMException(`No answer in ${milliseconds} ms`, "TimeoutError"));
  let timer = setTimeout(giveUp, milliseconds);
  const signals = [silence.signal, options.signal, call.signal].filter((signal) => signal !== undefined);
  return {
    signal: AbortSignal.any(signals),
    begin(): void {
      clearTimeout(timer);
      timer = setTimeout(giveUp, milliseconds);
    },
    rest: () => clearTimeout(timer),
  };
}

async function takeJson(response: Response): Promise<unknown> {
  return parseJson(await response.text());
}

async function takeBytes(response: Response): Promise<FileAnswer> {
  return fileOf(response, new Uint8Array(await response.arrayBuffer()));
}

function takeStream(response: Response, patience: Patience) {
  const source: ReadableStream<Uint8Array<ArrayBuffer>> = response.body ?? new Blob([]).stream();
  const reader = source.getReader();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      // Only the service's silence counts: the reader may take its time.
      patience.begin();
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } finally {
        patience.rest();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return fileOf(response, body);
}

function fileOf<Body>({ headers }: Response, body: Body): FileAnswer<Body> {
  const fileName = /filename="?([^";]+)"?/.exec(headers.get("content-disposition") ?? "")?.[1] ?? null;
  return { body, type: headers.get("content-type") ?? "", fileName, headers };
}

async function wait(options: TransportOptions, milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  const signals = [options.signal, signal].filter((one) => one !== undefined);
  const any = signals.length === 0 ? undefined : AbortSignal.any(signals);
  if (options.sleep === undefined) return sleepUnless(milliseconds, any);
  await options.sleep(milliseconds);
  any?.throwIfAborted();
}

/** The headers of every call. */
export function headersOf(options: TransportOptions, call: Call): Record<string, string> {
  return {
    accept: "application/json, application/problem+json",
    ...(call.body === undefined || isForm(call.body) ? {} : { "content-type": "application/json" }),
    ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
    ...call.headers,
  };
}

/** A form says itself how it is parted. */
function isForm(body: unknown): body is FormData {
  return body instanceof FormData;
}

export function urlOf(baseUrl: string, call: Pick<Call, "path" | "query">): string {
  const url = new URL(call.path, baseUrl);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
  }
  return url.href;
}

/** JSON with every bigint as a decimal string, as the API takes quantities. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? item.toString() : item));
}

/** `null` for an empty body (204), `undefined` for one that is not JSON. */
export function parseJson(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
