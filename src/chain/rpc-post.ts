import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** Answers above this size are garbage: the largest honest one, a page of logs, stays far below. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const HEADERS = { "content-type": "application/json", accept: "application/json" };

/** An endpoint's failure that another endpoint may make good. */
export class EndpointFailure extends Error {}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Posts JSON over connections that are kept. */
export interface Poster {
  /** @throws EndpointFailure when there is no whole answer in time */
  post(url: string, body: string): Promise<Reply>;
  /** Cuts off what is under way; every later post fails. */
  close(): void;
}

/**
 * On Node's own HTTP client: its `fetch` takes five times the processor time for a small answer, and ten times as long, and most of what the
 * service asks a node is small.
 */
export function createPoster(timeoutMs: number): Poster {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  const cuts = new Set<(why: EndpointFailure) => void>();
  let isClosed = false;

  /** @returns null when a connection that was kept had been closed by the other side. All that a node is asked may be asked twice. */
  function once(url: string, body: Buffer): Promise<Reply | null> {
    return new Promise((resolve, reject) => {
      const isSecure = url.startsWith("https:");
      const options: RequestOptions = {
        method: "POST",
        agent: isSecure ? agents.https : agents.http,
        headers: { ...HEADERS, "content-length": body.length },
      };
      const request = isSecure ? httpsRequest(url, options) : httpRequest(url, options);
      const timer = setTimeout(() => cut(new EndpointFailure(`no answer within ${timeoutMs} ms`)), timeoutMs);
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        cuts.delete(cut);
        act();
      };
      const cut = (why: EndpointFailure): void => {
        settle(() => reject(why));
        request.destroy();
      };
      const fail = (error: Error): void =>
        settle(() => reject(new EndpointFailure(`not reachable (${codeOf(error)})`)));
      cuts.add(cut);
      request.on("error", (error) => {
        if (request.reusedSocket && codeOf(error) === "ECONNRESET") settle(() => resolve(null));
        else fail(error);
      });
      request.on("response", (response) => {
        read(response, cut).then((text) => settle(() => resolve({ status: response.statusCode ?? 0, text })), fail);
      });
      request.end(body);
    });
  }

  return {
    async post(url, body) {
      const bytes = Buffer.from(body);
      for (;;) {
        if (isClosed) throw new EndpointFailure("the connection was closed");
        const reply = await once(url, bytes);
        if (reply !== null) return reply;
      }
    },
    close() {
      isClosed = true;
      for (const cut of [...cuts]) cut(new EndpointFailure("the connection was closed"));
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

async function read(response: IncomingMessage, cut: (why: EndpointFailure) => void): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    response.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) cut(new EndpointFailure(`the answer exceeds ${MAX_ANSWER_BYTES} bytes`));
      else chunks.push(chunk);
    });
    response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    response.on("error", reject);
  });
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
