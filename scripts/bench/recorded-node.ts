import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface RecordedNode {
  readonly url: string;
  close(): Promise<void>;
}

interface RpcRequest {
  readonly id: unknown;
  readonly method: string;
  readonly params?: readonly unknown[];
}

/**
 * A chain that stands still, over HTTP: what it was asked before it answers from memory, so that its own work, on the same processors, weighs
 * on nobody who is measured.
 * @param ask Answers what was not asked before.
 * @param onAsk Told of each request.
 */
export async function startRecordedNode(
  ask: (method: string, params: readonly unknown[]) => Promise<unknown>,
  onAsk: (method: string) => void,
): Promise<RecordedNode> {
  const answers = new Map<string, Promise<string>>();

  async function answer({ id, method, params = [] }: RpcRequest): Promise<string> {
    onAsk(method);
    const key = `${method} ${JSON.stringify(params)}`;
    let known = answers.get(key);
    if (known === undefined) {
      known = ask(method, params).then(
        (result) => `"result":${JSON.stringify(result)}`,
        (error: unknown) => {
          const { code = -32_000, message } = error as { code?: number; message: string };
          return `"error":${JSON.stringify({ code, message })}`;
        },
      );
      answers.set(key, known);
    }
    return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},${await known}}`;
  }

  const server = createServer((request, response) => {
    void textOf(request).then(async (text) => {
      const asked = JSON.parse(text) as RpcRequest | RpcRequest[];
      const body = Array.isArray(asked) ? `[${(await Promise.all(asked.map(answer))).join(",")}]` : await answer(asked);
      response.writeHead(200, { "content-type": "application/json" }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk as string;
  return text;
}
