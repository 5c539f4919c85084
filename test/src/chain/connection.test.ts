import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import type { Connection, ConnectionOptions } from "../../../src/chain/connection.js";
import { createConnection } from "../../../src/chain/connection.js";
import { ChainMismatchError, ChainUnavailableError, RpcError } from "../../../src/chain/rpc-errors.js";

type Request = { readonly id: number; readonly method: string; readonly params: readonly unknown[] };
/** Answers a request with a body and a status; null leaves it without an answer. */
type Behaviour = (request: Request) => { status?: number; body: string } | null;

const servers: Server[] = [];
const connections: Connection[] = [];
afterEach(() => {
  for (const connection of connections.splice(0)) connection.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function fakeNode(behaviour: Behaviour): Promise<{ url: string; requests: Request[] }> {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const parsed = JSON.parse(Buffer.concat(chunks).toString()) as Request;
      requests.push(parsed);
      const answer = behaviour(parsed);
      if (answer !== null)
        response.writeHead(answer.status ?? 200, { "content-type": "application/json" }).end(answer.body);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function connect(urls: readonly string[], options: Partial<ConnectionOptions> = {}): Connection {
  const connection = createConnection({ urls, timeoutMs: 5_000, ...options });
  connections.push(connection);
  return connection;
}

const result =
  (value: unknown): Behaviour =>
  ({ id }) => ({ body: JSON.stringify({ jsonrpc: "2.0", id, result: value }) });
const error =
  (body: object): Behaviour =>
  ({ id }) => ({ body: JSON.stringify({ jsonrpc: "2.0", id, error: body }) });

/** Nobody listens on it: a server took the port and let it go. */
async function deadUrl(): Promise<string> {
  const { url } = await fakeNode(() => null);
  const server = servers.pop();
  await new Promise((resolve) => server?.close(resolve));
  return url;
}

const BAD: [string, Behaviour][] = [
  ["HTTP 500", () => ({ status: 500, body: '{"jsonrpc":"2.0","id":1,"result":"0x1"}' })],
  ["HTTP 429", () => ({ status: 429, body: "slow down" })],
  ["a web page", () => ({ body: "<html>hello</html>" })],
  ["nothing", () => ({ body: "" })],
  ["a number", () => ({ body: "7" })],
  ["a list", () => ({ body: "[]" })],
  ["null", () => ({ body: "null" })],
  ["another id", ({ id }) => ({ body: JSON.stringify({ jsonrpc: "2.0", id: id + 1, result: "0x1" }) })],
  ["neither result nor error", ({ id }) => ({ body: JSON.stringify({ jsonrpc: "2.0", id }) })],
  ["an error without a code", error({ message: "?" })],
  ["that its limit is exceeded", error({ code: -32_005, message: "busy" })],
];

describe("an endpoint that gives no usable answer", () => {
  it.each(BAD)("should make the chain unavailable when it answers %s", async (_, behaviour) => {
    const { url } = await fakeNode(behaviour);

    await expect(connect([url]).blockNumber()).rejects.toThrow(ChainUnavailableError);
  });

  it.each(BAD)("should be passed over for the next one when it answers %s", async (_, behaviour) => {
    const bad = await fakeNode(behaviour);
    const good = await fakeNode(result("0x10"));

    expect(await connect([bad.url, good.url]).blockNumber()).toBe(16n);
  });

  it("should make the chain unavailable when it is down, and say which it was without its URL", async () => {
    const url = await deadUrl();
    const failure: unknown = await connect([url])
      .blockNumber()
      .catch((reason: unknown) => reason);

    expect(failure).toMatchObject({ name: "ChainUnavailableError", retryable: true, method: "eth_blockNumber" });
    expect(String(failure)).toContain("endpoint 1: not reachable (ECONNREFUSED)");
    expect(String(failure)).not.toContain(url);
  });

  it("should be passed over when it never answers", async () => {
    const silent = await fakeNode(() => null);
    const good = await fakeNode(result("0x10"));

    expect(await connect([silent.url, good.url], { timeoutMs: 100 }).blockNumber()).toBe(16n);
    await expect(connect([silent.url], { timeoutMs: 100 }).blockNumber()).rejects.toThrow(/no answer within 100 ms/);
  });

  it("should not be asked again at once after a failure", async () => {
    const bad = await fakeNode(() => ({ status: 503, body: "" }));
    const good = await fakeNode(result("0x10"));
    const warnings: object[] = [];
    const logger = { warn: (details: object) => void warnings.push(details) };
    const connection = connect([bad.url, good.url], { logger });

    for (let i = 0; i < 5; i++) await connection.blockNumber();

    expect([bad.requests.length, good.requests.length]).toEqual([1, 5]);
    expect(warnings).toEqual([{ endpoint: 0, method: "eth_blockNumber", reason: "HTTP status 503" }]);
  });

  it("should be asked again when no other endpoint is left", async () => {
    let isUp = false;
    const node = await fakeNode((request) => (isUp ? result("0x1")(request) : { status: 503, body: "" }));
    const connection = connect([node.url]);
    await expect(connection.blockNumber()).rejects.toThrow(ChainUnavailableError);

    isUp = true;

    expect(await connection.blockNumber()).toBe(1n);
  });
});

describe("a connection that was kept", () => {
  it("should be replaced when the other side had closed it meanwhile, and nobody should notice", async () => {
    const { url } = await fakeNode(result("0x1"));
    const connection = connect([url]);
    await connection.blockNumber();
    // Both sides have it open and idle; the request and the end of the connection cross each other.
    servers.at(-1)?.closeAllConnections();

    expect(await connection.blockNumber()).toBe(1n);
  });
});

describe("an error of the node", () => {
  it.each([
    ["as a string", "0xDEADBEEF"],
    ["one level deeper", { data: "0xdeadbeef", message: "reverted" }],
  ])("should carry code, message and revert data that come %s, and not be tried elsewhere", async (_, data) => {
    const first = await fakeNode(error({ code: 3, message: "execution reverted", data }));
    const second = await fakeNode(result("0x"));
    const failure: unknown = await connect([first.url, second.url])
      .call({ to: `0x${"11".repeat(20)}` })
      .catch((e: unknown) => e);

    expect(failure).toBeInstanceOf(RpcError);
    expect(failure).toMatchObject({ code: 3, message: "execution reverted", data: "0xdeadbeef", method: "eth_call" });
    expect(second.requests).toEqual([]);
  });

  it("should carry no data when there is none", async () => {
    const { url } = await fakeNode(error({ code: -32_000, message: "nonce too low" }));

    await expect(connect([url]).sendRawTransaction("0x02")).rejects.toMatchObject({ code: -32_000, data: null });
  });
});

describe("a typed answer", () => {
  it.each([
    ["eth_blockNumber", "12", async (c: Connection) => await c.blockNumber()],
    ["eth_getBlockByNumber", { number: "0x1" }, async (c: Connection) => await c.getBlock(1n)],
    ["eth_getLogs", {}, async (c: Connection) => await c.getLogs({ fromBlock: 0n, toBlock: 1n })],
    ["eth_getTransactionReceipt", "0x", async (c: Connection) => await c.getReceipt("0x")],
    ["eth_sendRawTransaction", null, async (c: Connection) => await c.sendRawTransaction("0x")],
    ["eth_getProof", null, async (c: Connection) => await c.getProof("0x", [], "latest")],
  ])("should be unavailable when %s has the wrong shape", async (method, answer, ask) => {
    const { url } = await fakeNode(result(answer));

    await expect(ask(connect([url]))).rejects.toMatchObject({ name: "ChainUnavailableError", method });
  });

  it("should be null for a block and a receipt that do not exist", async () => {
    const connection = connect([(await fakeNode(result(null))).url]);

    expect(await connection.getBlock(`0x${"00".repeat(32)}`)).toBeNull();
    expect(await connection.getReceipt(`0x${"00".repeat(32)}`)).toBeNull();
  });
});

describe("the chain id", () => {
  it("should be the one that all endpoints answer, passing over those that are down", async () => {
    const nodes = [await fakeNode(result("0x7")), await fakeNode(result("0x7"))];

    expect(await connect([...nodes.map(({ url }) => url), await deadUrl()]).chainId()).toBe(7n);
  });

  it("should be an error when endpoints differ", async () => {
    const nodes = [await fakeNode(result("0x7")), await fakeNode(result("0x8"))];

    await expect(connect(nodes.map(({ url }) => url)).chainId()).rejects.toThrow(ChainMismatchError);
  });

  it("should be unavailable when all endpoints are down", async () => {
    await expect(connect([await deadUrl(), await deadUrl()]).chainId()).rejects.toThrow(ChainUnavailableError);
  });
});

describe("requests at the same time", () => {
  it("should never be more than the bound, and all be answered", async () => {
    let running = 0;
    let most = 0;
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        running += 1;
        most = Math.max(most, running);
        const { id } = JSON.parse(Buffer.concat(chunks).toString()) as Request;
        setTimeout(() => {
          running -= 1;
          response.end(JSON.stringify({ jsonrpc: "2.0", id, result: "0x5" }));
        }, 5);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const connection = connect([url], { maxConcurrent: 3 });

    const answers = await Promise.all(Array.from({ length: 30 }, async () => await connection.blockNumber()));

    expect(answers).toEqual(Array.from({ length: 30 }, () => 5n));
    expect(most).toBeLessThanOrEqual(3);
  });

  it("should all fail when the connection is closed", async () => {
    const { url } = await fakeNode(() => null);
    const connection = connect([url]);
    const pending = connection.blockNumber();
    connection.close();

    await expect(pending).rejects.toThrow(ChainUnavailableError);
    await expect(connection.blockNumber()).rejects.toThrow(/closed/);
  });
});

describe("the ethers provider of a connection", () => {
  it("should turn revert data into a call exception", async () => {
    const node = await fakeNode((request) =>
      request.method === "eth_chainId"
        ? result("0x7")(request)
        : error({ code: 3, message: "no", data: "0xdeadbeef" })(request),
    );
    const { provider } = connect([node.url]);

    await expect(provider.call({ to: `0x${"11".repeat(20)}` })).rejects.toMatchObject({
      code: "CALL_EXCEPTION",
      data: "0xdeadbeef",
    });
  });

  it("should let an unavailable chain through as what it is", async () => {
    const { provider } = connect([await deadUrl()]);

    await expect(provider.getBlockNumber()).rejects.toThrow(ChainUnavailableError);
  });
});

describe("Broadcasting several transactions", () => {
  const refusing = "0xbad";
  const hash = `0x${"ab".repeat(32)}`;
  const answerOf = ({ id, params }: Request): object =>
    params[0] === refusing
      ? { jsonrpc: "2.0", id, error: { code: -32_000, message: "nonce too low" } }
      : { jsonrpc: "2.0", id, result: hash };
  const batching: Behaviour = (request) => {
    const list = request as unknown as Request[];
    return { body: JSON.stringify(list.map(answerOf).toReversed()) };
  };

  it("sends them in one request, and tells which the node refused, in their order", async () => {
    const { url, requests } = await fakeNode(batching);
    const answers = await connect([url]).sendRawTransactions(["0x01", refusing, "0x02"]);

    expect(requests).toHaveLength(1);
    expect(answers.map((answer) => answer?.message ?? null)).toEqual([null, "nonce too low", null]);
  });

  it("asks a node that takes no batches one by one, in the same order", async () => {
    const { url, requests } = await fakeNode((request) =>
      Array.isArray(request)
        ? { body: JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32_600, message: "no batches" } }) }
        : { body: JSON.stringify(answerOf(request)) },
    );
    const answers = await connect([url]).sendRawTransactions(["0x01", refusing, "0x02"]);

    expect(requests.slice(1).map(({ params }) => params[0])).toEqual(["0x01", refusing, "0x02"]);
    expect(answers.map((answer) => answer?.code ?? null)).toEqual([null, -32_000, null]);
  });

  it("sends a single one as any other request", async () => {
    const { url, requests } = await fakeNode((request) => ({ body: JSON.stringify(answerOf(request)) }));
    const answers = await connect([url]).sendRawTransactions([refusing]);

    expect(requests.map(({ params }) => params)).toEqual([[refusing]]);
    expect(answers.map((answer) => answer?.message)).toEqual(["nonce too low"]);
  });

  it("takes an answer that is no hash for none", async () => {
    const { url } = await fakeNode((request) => ({
      body: JSON.stringify((request as unknown as Request[]).map(({ id }) => ({ jsonrpc: "2.0", id, result: "0x1" }))),
    }));
    await expect(connect([url]).sendRawTransactions(["0x01", "0x02"])).rejects.toThrow(ChainUnavailableError);
  });

  it("takes an answer that lacks one of them for none", async () => {
    const { url } = await fakeNode((request) => ({
      body: JSON.stringify((request as unknown as Request[]).slice(1).map(answerOf)),
    }));
    await expect(connect([url]).sendRawTransactions(["0x01", "0x02"])).rejects.toThrow(ChainUnavailableError);
  });
});
