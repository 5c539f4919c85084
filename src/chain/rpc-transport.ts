import { ChainUnavailableError, RpcError } from "./rpc-errors.js";
import { createPoster, EndpointFailure, type Reply } from "./rpc-post.js";

/** How long an endpoint that failed is only asked when no other is left. */
const COOL_DOWN_MS = 2_000;
/** Requests that may wait for a free slot before new ones are turned away. */
const MAX_WAITING = 10_000;
/** JSON-RPC "limit exceeded" (EIP-1474): the node is there but busy, so another endpoint or a later try may do. */
const LIMIT_EXCEEDED = -32_005;

export interface TransportOptions {
  readonly urls: readonly string[];
  readonly timeoutMs: number;
  readonly maxConcurrent: number;
  readonly onFailure: (attempt: { endpoint: number; method: string; reason: string }) => void;
}

export interface Transport {
  /** Sends one JSON-RPC request to the first endpoint that answers. @throws ChainUnavailableError | RpcError */
  request(method: string, params: readonly unknown[]): Promise<unknown>;
  /**
   * Sends requests of one method together, as a JSON-RPC batch, to the first endpoint that answers.
   * @returns The answers in the order of the requests; where the node answered with an error, that.
   * @throws ChainUnavailableError
   */
  requestAll(method: string, list: readonly (readonly unknown[])[]): Promise<unknown[]>;
  /** Sends one JSON-RPC request to one endpoint only, for comparing endpoints. */
  requestFrom(endpoint: number, method: string, params: readonly unknown[]): Promise<unknown>;
  /** Aborts what is under way; every later request fails with ChainUnavailableError. */
  close(): void;
}

/** JSON-RPC over HTTP with a time limit, a bound on requests in flight, and failover across the endpoints. */
export function createTransport(options: TransportOptions): Transport {
  if (options.urls.length === 0) throw new RangeError("A connection needs at least one URL");

  const poster = createPoster(options.timeoutMs);
  let isClosed = false;
  const slots = createSlots(options.maxConcurrent);
  const coolUntil = options.urls.map(() => 0);
  let preferred = 0;

  async function attempt<T>(endpoint: number, method: string, ask: Asking<T>): Promise<T> {
    const release = await slots.take(method);
    try {
      return await ask((body) => poster.post(options.urls[endpoint] ?? "", JSON.stringify(body)));
    } catch (error) {
      if (error instanceof EndpointFailure) {
        options.onFailure({ endpoint, method, reason: error.message });
      }
      throw error;
    } finally {
      release();
    }
  }

  /** The preferred endpoint first, then round the list; those that failed a moment ago last. */
  function candidates(): number[] {
    const now = Date.now();
    const round = options.urls.map((_, offset) => (preferred + offset) % options.urls.length);
    const isCooling = (endpoint: number): boolean => (coolUntil[endpoint] ?? 0) > now;
    return [...round.filter((e) => !isCooling(e)), ...round.filter(isCooling)];
  }

  /** Asks one endpoint after the other until one answers. */
  async function ask<T>(method: string, asking: Asking<T>): Promise<T> {
    const attempts: string[] = [];
    for (const endpoint of candidates()) {
      if (isClosed) break;
      try {
        const result = await attempt(endpoint, method, asking);
        preferred = endpoint;
        coolUntil[endpoint] = 0;
        return result;
      } catch (error) {
        if (!(error instanceof EndpointFailure)) throw error;
        coolUntil[endpoint] = Date.now() + COOL_DOWN_MS;
        attempts.push(`endpoint ${endpoint + 1}: ${error.message}`);
      }
    }
    throw new ChainUnavailableError(method, attempts.length > 0 ? attempts : ["the connection is closed"]);
  }

  return {
    request: (method, params) => ask(method, (send) => askOne(send, method, params)),

    requestAll: (method, list) => ask(method, (send) => askAll(send, method, list)),

    async requestFrom(endpoint, method, params) {
      try {
        return await attempt(endpoint, method, (send) => askOne(send, method, params));
      } catch (error) {
        if (!(error instanceof EndpointFailure)) throw error;
        throw new ChainUnavailableError(method, [`endpoint ${endpoint + 1}: ${error.message}`]);
      }
    },

    close() {
      isClosed = true;
      poster.close();
    },
  };
}

/** Posts a body to one endpoint. */
type Send = (body: object) => Promise<Reply>;
type Asking<T> = (send: Send) => Promise<T>;

let lastId = 0;

function requestOf(method: string, params: readonly unknown[]) {
  lastId = (lastId + 1) % Number.MAX_SAFE_INTEGER;
  return { jsonrpc: "2.0", id: lastId, method, params };
}

async function askOne(send: Send, method: string, params: readonly unknown[]): Promise<unknown> {
  const request = requestOf(method, params);
  const reply = await send(request);
  return readAnswer(method, request.id, parseReply(reply));
}

async function askAll(send: Send, method: string, list: readonly (readonly unknown[])[]): Promise<unknown[]> {
  const requests = list.map((params) => requestOf(method, params));
  const read = (id: number, answer: unknown): unknown => {
    try {
      return readAnswer(method, id, answer);
    } catch (error) {
      if (error instanceof RpcError) return error;
      throw error;
    }
  };
  const [only] = requests;
  if (requests.length === 1 && only !== undefined) return [read(only.id, parseReply(await send(only)))];
  const answers = parseReply(await send(requests));
  if (Array.isArray(answers)) {
    const byId = new Map(answers.filter(isRecord).map((answer) => [answer["id"], answer]));
    return requests.map(({ id }) => read(id, byId.get(id)));
  }
  // A node that takes no batches, or none of this length, says so once: each is asked alone, in the same order.
  const alone: unknown[] = [];
  for (const request of requests) alone.push(read(request.id, parseReply(await send(request))));
  return alone;
}

/** Some nodes send JSON-RPC errors with a 4xx status, so a well-formed answer counts whatever the status, except 429 and 5xx. */
function parseReply({ status, text }: Reply): unknown {
  if (status === 429 || status >= 500) throw new EndpointFailure(`HTTP status ${status}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new EndpointFailure(`HTTP status ${status}, the answer is not JSON`);
  }
}

function readAnswer(method: string, id: number, answer: unknown): unknown {
  if (!isRecord(answer)) throw new EndpointFailure("the answer is not a JSON-RPC object");
  if (isRecord(answer["error"])) {
    const { code, message, data } = answer["error"];
    // A request that could not even be parsed is answered with a null id (JSON-RPC 2.0, section 5).
    const hasItsId = answer["id"] === id || answer["id"] === null;
    if (!hasItsId || typeof code !== "number") throw new EndpointFailure("the answer is not a JSON-RPC error");
    const words = typeof message === "string" ? message : "no message";
    if (code === LIMIT_EXCEEDED) throw new EndpointFailure(words);
    throw new RpcError(method, code, words, revertData(data));
  }
  if (answer["id"] !== id) throw new EndpointFailure("the answer carries another request's id");
  if (!("result" in answer)) throw new EndpointFailure("the answer has neither result nor error");
  return answer["result"];
}

/** Nodes carry revert data as `data` or one level deeper, as `data.data` or `data.result`. */
function revertData(data: unknown): string | null {
  const candidates = isRecord(data) ? [data["data"], data["result"]] : [data];
  for (const candidate of candidates) {
    if (typeof candidate === "string" && /^0x([0-9a-f]{2})*$/i.test(candidate)) return candidate.toLowerCase();
  }
  return null;
}

function createSlots(limit: number): { take(method: string): Promise<() => void> } {
  const waiting: (() => void)[] = [];
  let used = 0;

  function release(): void {
    const next = waiting.shift();
    if (next === undefined) used -= 1;
    else next();
  }

  return {
    async take(method) {
      if (used < limit) {
        used += 1;
      } else {
        if (waiting.length >= MAX_WAITING) {
          throw new ChainUnavailableError(method, [`${MAX_WAITING} requests wait already`]);
        }
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      return release;
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
