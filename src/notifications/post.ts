import { lookup } from "node:dns";
import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";

import type { AddressRules } from "./addresses.js";

/** What came of one try to deliver. */
export interface PostOutcome {
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  /** What went wrong, for people; null when the receiver took it (2xx). */
  readonly error: string | null;
  /** How long the receiver asked to be left alone, in milliseconds; null when it did not. */
  readonly retryAfterMs: number | null;
}

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From the first attempt to connect to the end of the answer. */
  readonly timeoutMs: number;
  readonly rules: AddressRules;
  /** Aborts when the service stops. */
  readonly signal: AbortSignal;
}

/** The target may not be sent to: what the receiver's owner must know is in the message. */
class TargetRefused extends Error {}

/** Bytes of an answer that are read, and thrown away, before the connection is cut. */
const MAX_ANSWER = 16_384;

/**
 * Delivers one message. The address that was looked up is the one that is checked and connected to, so that a name which answers
 * otherwise the next time gains nothing; redirects are not followed; whatever the receiver does, it is over after the timeout.
 */
export async function post(request: PostRequest): Promise<PostOutcome> {
  const timeout = AbortSignal.timeout(request.timeoutMs);
  try {
    return await send(request, AbortSignal.any([timeout, request.signal]));
  } catch (error) {
    return { status: null, error: timeout.aborted ? "no answer in time" : wordsOf(error), retryAfterMs: null };
  }
}

async function send({ url, headers, body, rules }: PostRequest, signal: AbortSignal): Promise<PostOutcome> {
  const target = new URL(url);
  const host = target.hostname.replace(/^\[|\]$/g, "");
  const isSecure = target.protocol === "https:";
  // Names are looked up, and checked, when the connection is made; what is an address already is not looked up.
  if (isIP(host) !== 0) check(host, isSecure, rules);
  const options: RequestOptions = {
    method: "POST",
    headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
    agent: false,
    signal,
    lookup: guardedLookup(isSecure, rules),
  };
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = (isSecure ? httpsRequest : httpRequest)(target, options, (answer) => {
      drain(answer).then(() => resolve(outcomeOf(answer)), reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Reads the answer to its end, if it is short. */
async function drain(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop cuts the connection.
    if (bytes > MAX_ANSWER) return;
  }
}

function outcomeOf({ statusCode, headers }: IncomingMessage): PostOutcome {
  const status = statusCode ?? 0;
  if (status >= 200 && status < 300) return { status, error: null, retryAfterMs: null };
  const isRedirect = status >= 300 && status < 400;
  const error = isRedirect ? `answered ${status}: redirects are not followed` : `answered ${status}`;
  const after = headers["retry-after"];
  const retryAfterMs = after !== undefined && /^\d{1,6}$/.test(after) ? Number(after) * 1_000 : null;
  return { status, error, retryAfterMs };
}

/** @throws TargetRefused */
function check(address: string, isSecure: boolean, rules: AddressRules): void {
  if (!rules.isReachable(address)) throw new TargetRefused(`${address} is not a public address`);
  if (!isSecure && !rules.isTrusted(address)) throw new TargetRefused("plain http goes to trusted networks only");
}

/** As Node's own, but every address that the name has must be allowed. */
function guardedLookup(isSecure: boolean, rules: AddressRules): NonNullable<RequestOptions["lookup"]> {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, "", 0);
        return;
      }
      try {
        for (const { address } of found) check(address, isSecure, rules);
      } catch (refused) {
        callback(refused as Error, "", 0);
        return;
      }
      const [first] = found;
      if (options.all === true) callback(null, found);
      else callback(null, first?.address ?? "", first?.family ?? 0);
    });
  };
}

/** Never more than a line, and never what the receiver sent. */
function wordsOf(error: unknown): string {
  if (error instanceof TargetRefused) return error.message;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the name cannot be looked up";
  return `the connection failed${code === undefined ? "" : ` (${code})`}`;
}
