import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import type { Request } from "./faulty-connection.js";

/**
 * How a node may be. `refusing`: nothing listens. `hanging`: takes the request and never answers. `late`: does what it is asked, and
 * answers after the service has given up. The others answer at once, with something that is no answer.
 */
export type NodeMood = "well" | "refusing" | "hanging" | "late" | keyof typeof NONSENSE;

/** What a broken node, or something that stands where the node should be, says to any request. `id` is the request's own. */
const NONSENSE = {
  "another program": () => ({ status: 200, text: "<html><body>It works!</body></html>" }),
  "a broken gateway": () => ({ status: 502, text: "Bad Gateway" }),
  "no JSON-RPC": () => ({ status: 200, text: '["jsonrpc"]' }),
  "an answer cut short": (id: unknown) => ({ status: 200, text: `{"jsonrpc":"2.0","id":${String(id)},"resul` }),
  "another request's answer": () => ({ status: 200, text: '{"jsonrpc":"2.0","id":-7,"result":"0x1"}' }),
  "a result of the wrong shape": (id: unknown) => answerOf(id, { result: { unexpected: ["0xzz"] } }),
  "no result": (id: unknown) => answerOf(id, { result: null }),
  "an internal error": (id: unknown) => answerOf(id, { error: { code: -32_603, message: "database corrupt" } }),
} satisfies Record<string, (id: unknown) => { status: number; text: string }>;

export const NONSENSE_MOODS = Object.keys(NONSENSE) as (keyof typeof NONSENSE)[];

export interface FaultyNode {
  readonly url: string;
  mood(): NodeMood;
  become(mood: NodeMood): Promise<void>;
  close(): Promise<void>;
}

interface RpcRequest {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A node over HTTP, in front of an in-process chain, that fails as the test says. @param lateness Milliseconds, of the mood `late`. */
export async function startFaultyNode(chain: Request, lateness: number): Promise<FaultyNode> {
  let mood: NodeMood = "well";
  const server = createServer((request, response) => void serve(request, response));
  const listen = (port: number): Promise<void> => new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = JSON.parse(await textOf(request)) as RpcRequest | RpcRequest[];
    const answer = Array.isArray(asked) ? await answerAll(asked) : await answerOne(asked);
    if (answer === null) return;
    const { status, text } = answer;
    if (mood === "late") await sleep(lateness);
    response.writeHead(status, { "content-type": "application/json" }).end(text);
  }

  /** Null: it never answers. */
  async function answerOne({ id, method, params }: RpcRequest) {
    if (mood === "hanging" || mood === "refusing") return null;
    return mood === "well" || mood === "late" ? await truth(id, method, params) : NONSENSE[mood](id);
  }

  async function answerAll(batch: readonly RpcRequest[]) {
    const answers: string[] = [];
    for (const request of batch) {
      const answer = await answerOne(request);
      if (answer === null) return null;
      answers.push(answer.text);
    }
    return { status: 200, text: `[${answers.join(",")}]` };
  }

  async function truth(id: unknown, method: string, params: readonly unknown[]) {
    try {
      return answerOf(id, { result: await chain(method, params) });
    } catch (error) {
      const { code, message, data } = error as { code?: unknown; message: string; data?: unknown };
      return answerOf(id, { error: { code: typeof code === "number" ? code : -32_000, message, data } });
    }
  }

  function stopListening(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    return closed;
  }

  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    mood: () => mood,
    async become(next) {
      mood = next;
      if (mood === "refusing") await stopListening();
      else if (!server.listening) await listen(port);
      // Requests that hang are let go, or they would hold the service up after the node is well again.
      else server.closeAllConnections();
    },
    close: stopListening,
  };
}

function answerOf(id: unknown, rest: object): { status: number; text: string } {
  return { status: 200, text: JSON.stringify({ jsonrpc: "2.0", id, ...rest }) };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk as string;
  return text;
}
