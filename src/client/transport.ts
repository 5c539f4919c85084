import { ApiProblem, ApiUnreachable, problemOf } from "./problem.js";

export interface TransportOptions {
  /** Where the service is, without `/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly fetch?: typeof fetch;
  /** How often a request that may be repeated is tried in all. Default 6. */
  readonly attempts?: number;
  /** How long one attempt may take, in milliseconds. Default 75,000: more than the longest `Prefer: wait`. */
  readonly timeoutMilliseconds?: number;
  /** For tests: how to wait. */
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

export type Query = Readonly<Record<string, string | number | bigint | boolean | null | undefined>>;

export interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a repetition can do no harm. */
  readonly repeatable: boolean;
}

/** Sends a call and gives the JSON of the answer. Throws `ApiProblem` or `ApiUnreachable`. */
export type Transport = <Answer>(call: Call) => Promise<Answer>;

const DEFAULT_ATTEMPTS = 6;
const DEFAULT_TIMEOUT_MILLISECONDS = 75_000;
const FIRST_PAUSE_MILLISECONDS = 200;
const LONGEST_PAUSE_MILLISECONDS = 30_000;
const RETRIED_STATUS: ReadonlySet<number> = new Set([429, 503]);

export function createTransport(options: TransportOptions): Transport {
  const attempts = options.attempts ?? DEFAULT_ATTEMPTS;
  const sleep = options.sleep ?? ((milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)));

  return async <Answer>(call: Call): Promise<Answer> => {
    const url = urlOf(options.baseUrl, call);
    const limit = call.repeatable ? attempts : 1;
    let failure: unknown;
    for (let attempt = 1; attempt <= limit; attempt += 1) {
      const outcome = await attemptOnce(options, call, url);
      if (outcome.kind === "answered") return outcome.body as Answer;
      failure = outcome.error;
      if (outcome.kind === "refused") throw failure;
      if (attempt < limit) await sleep(outcome.pauseMilliseconds ?? backoff(attempt));
    }
    if (failure instanceof ApiProblem) throw failure;
    throw new ApiUnreachable(call.method, url, limit, failure);
  };
}

type Outcome =
  | { readonly kind: "answered"; readonly body: unknown }
  | { readonly kind: "refused"; readonly error: ApiProblem }
  | { readonly kind: "try-again"; readonly error: unknown; readonly pauseMilliseconds?: number };

async function attemptOnce(options: TransportOptions, call: Call, url: string): Promise<Outcome> {
  const send = options.fetch ?? fetch;
  let response: Response;
  let body: unknown;
  try {
    response = await send(url, {
      method: call.method,
      headers: headersOf(options, call),
      signal: AbortSignal.timeout(options.timeoutMilliseconds ?? DEFAULT_TIMEOUT_MILLISECONDS),
      ...(call.body === undefined ? {} : { body: toJson(call.body) }),
    });
    body = parseJson(await response.text());
  } catch (error) {
    return { kind: "try-again", error };
  }
  if (response.ok && body !== undefined) return { kind: "answered", body };
  const error = new ApiProblem(problemOf(response.status, body));
  if (!mayPass(error)) return { kind: "refused", error };
  const pauseMilliseconds = retryAfter(response.headers.get("retry-after"));
  return { kind: "try-again", error, ...(pauseMilliseconds === undefined ? {} : { pauseMilliseconds }) };
}

/** Whether the same request may be answered otherwise later. An operation that was rejected stays so. */
function mayPass(error: ApiProblem): boolean {
  if (error.operationId !== undefined) return false;
  return RETRIED_STATUS.has(error.status) || (error.retryable && error.status < 500);
}

/** The headers of every call. */
export function headersOf(options: TransportOptions, call: Call): Record<string, string> {
  return {
    accept: "application/json, application/problem+json",
    ...(call.body === undefined ? {} : { "content-type": "application/json" }),
    ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
    ...call.headers,
  };
}

export function urlOf(baseUrl: string, call: Call): string {
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

/** Seconds or a date, as HTTP has it; in milliseconds, bounded. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const milliseconds = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  if (Number.isNaN(milliseconds)) return undefined;
  return Math.min(Math.max(milliseconds, 0), LONGEST_PAUSE_MILLISECONDS);
}

/** Doubles, with up to half as much again by chance, so that many clients do not come back at once. */
function backoff(attempt: number): number {
  const pause = FIRST_PAUSE_MILLISECONDS * 2 ** (attempt - 1);
  return Math.min(pause * (1 + Math.random() / 2), LONGEST_PAUSE_MILLISECONDS);
}
