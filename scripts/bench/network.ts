import { createServer } from "node:net";

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

/** One JSON-RPC batch. @returns the results, in the order of the requests @throws when one of them was refused */
export async function rpc(url: string, requests: readonly { method: string; params: unknown[] }[]): Promise<unknown[]> {
  const body = requests.map(({ method, params }, id) => ({ jsonrpc: "2.0", id, method, params }));
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const results = (await answer.json()) as { id: number; result?: unknown; error?: { message: string } }[];
  return results
    .sort((a, b) => a.id - b.id)
    .map(({ result, error }) => {
      if (error !== undefined) throw new Error(error.message);
      return result;
    });
}
