import { Registry } from "prom-client";
import { createApp, type AppDeps } from "../../src/http/app.js";
import type { Route } from "../../src/http/route.js";
import { listen } from "../../src/http/server.js";
import { createLogger } from "../../src/logger.js";

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when there is none or it is not JSON. Tests look into it as they like. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export interface TestServer {
  readonly url: string;
  readonly logs: string[];
  readonly shutdown: AbortController;
  get(path: string, headers?: Record<string, string>): Promise<TestAnswer>;
  /** A body that is no string is sent as JSON. */
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
  send(path: string, init: RequestInit): Promise<TestAnswer>;
  close(): Promise<void>;
}

/** The real HTTP side around some routes, listening on a free port, with answers checked against their schemas. */
export async function serveRoutes(routes: readonly Route[], overrides: Partial<AppDeps> = {}): Promise<TestServer> {
  const logs: string[] = [];
  const shutdown = new AbortController();
  const app = createApp({
    routes,
    info: { version: "0.0.0", tags: {} },
    logger: createLogger("info", { write: (line: string) => void logs.push(line) }),
    registry: new Registry(),
    findKey: async () => undefined,
    checks: [],
    waitForBlock: async () => undefined,
    shutdown: shutdown.signal,
    checkAnswers: true,
    ...overrides,
  });
  const server = await listen(app, { host: "127.0.0.1", port: 0 });
  return { ...requester(server.url), logs, shutdown, close: () => server.close(1_000) };
}

/** Short forms of fetch against one server. */
export function requester(url: string): Pick<TestServer, "url" | "get" | "post" | "send"> {
  const send = async (path: string, init: RequestInit): Promise<TestAnswer> => {
    const response = await fetch(`${url}${path}`, { redirect: "manual", ...init });
    const text = await textOf(response);
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  };
  return {
    url,
    send,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, body, headers = {}) =>
      send(path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
  };
}

/** A stream has no end: that it began is all that is read of it. */
async function textOf(response: Response): Promise<string> {
  if (response.headers.get("content-type")?.startsWith("text/event-stream") !== true) return response.text();
  await response.body?.cancel();
  return "";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
