import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";

import type { Engine } from "./engine.js";
import { RPC_CODES, RpcRefusal } from "./errors.js";
import type { Sequencer } from "./sequencer.js";

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const MAX_BATCH = 1_000;
const ZERO_ADDRESS = `0x${"0".repeat(40)}`;

/** Methods that are answered as they are. What changes state or time, and what signs, is missing on purpose. */
const READS = new Set([
  "eth_blockNumber",
  "eth_chainId",
  "eth_feeHistory",
  "eth_getBalance",
  "eth_getBlockByHash",
  "eth_getBlockByNumber",
  "eth_getBlockTransactionCountByHash",
  "eth_getBlockTransactionCountByNumber",
  "eth_getCode",
  "eth_getLogs",
  "eth_getProof",
  "eth_getStorageAt",
  "eth_getTransactionByBlockHashAndIndex",
  "eth_getTransactionByBlockNumberAndIndex",
  "eth_getTransactionByHash",
  "eth_getTransactionCount",
  "eth_getTransactionReceipt",
  "eth_syncing",
  "net_listening",
  "net_version",
  "web3_clientVersion",
  "web3_sha3",
]);

interface RpcContext {
  readonly engine: Engine;
  readonly sequencer: Sequencer;
}

/** The node's JSON-RPC 2.0 interface over HTTP POST, batches included. */
export function createRpcServer(context: RpcContext): Server {
  const server = createServer((request, response) => {
    void respond(context, request).then((reply) => {
      send(response, reply);
    });
  });
  server.requestTimeout = 30_000;
  return server;
}

interface Reply {
  readonly status: number;
  readonly body: object;
}

async function respond(context: RpcContext, request: IncomingMessage): Promise<Reply> {
  const refuse = (status: number, code: number, reason: string): Reply => ({
    status,
    body: failure(null, code, reason),
  });

  if (request.method !== "POST") return refuse(405, RPC_CODES.invalidRequest, "Use POST");
  // Browsers send this type to a foreign origin only after asking, and nobody here answers that question with yes.
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
    return refuse(415, RPC_CODES.invalidRequest, "The content type must be application/json");
  }

  const text = await readBody(request).catch(() => null);
  if (text === null) return refuse(413, RPC_CODES.limitExceeded, `The body exceeds ${MAX_BODY_BYTES} bytes`);

  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return refuse(200, RPC_CODES.parse, "The body is not JSON");
  }

  if (!Array.isArray(message)) return { status: 200, body: await answer(context, message) };
  if (message.length === 0 || message.length > MAX_BATCH) {
    return refuse(200, RPC_CODES.invalidRequest, `A batch holds 1 to ${MAX_BATCH} requests`);
  }
  return { status: 200, body: await Promise.all(message.map(async (one) => await answer(context, one))) };
}

async function answer(context: RpcContext, message: unknown): Promise<object> {
  if (typeof message !== "object" || message === null) {
    return failure(null, RPC_CODES.invalidRequest, "A request is an object");
  }
  const { id, method, params = [] } = message as { id?: unknown; method?: unknown; params?: unknown };
  const echo = typeof id === "string" || typeof id === "number" ? id : null;
  if (typeof method !== "string" || !Array.isArray(params)) {
    return failure(echo, RPC_CODES.invalidRequest, "A request has a method and a list of params");
  }

  try {
    return { jsonrpc: "2.0", id: echo, result: await dispatch(context, method, params) };
  } catch (error) {
    return describe(echo, error);
  }
}

async function dispatch({ engine, sequencer }: RpcContext, method: string, params: unknown[]): Promise<unknown> {
  switch (method) {
    case "eth_sendRawTransaction":
      return await sequencer.submit(params[0]);
    case "eth_call":
    case "eth_estimateGas":
      return await engine.request(method, toCallParams(params));
    // Gas is free, and a fee that nobody can pay would be a trap for wallets that ask for one.
    case "eth_gasPrice":
    case "eth_maxPriorityFeePerGas":
      return "0x0";
    default:
      if (READS.has(method)) return await engine.request(method, params);
      throw new RpcRefusal(
        RPC_CODES.methodNotFound,
        `The method ${method.slice(0, 60)} does not exist or is not available`,
      );
  }
}

/**
 * Blocks come only with transactions, so the last one may be days old. A call on "latest" is therefore answered as the
 * next block would: the same state, the present time. And it comes from nobody unless it says from whom.
 */
function toCallParams([call, block, ...rest]: unknown[]): unknown[] {
  const isLatest = block === undefined || block === null || block === "latest";
  const from = typeof call === "object" && call !== null && !("from" in call) ? { from: ZERO_ADDRESS } : {};
  return [
    typeof call === "object" && call !== null ? { ...from, ...call } : call,
    isLatest ? "pending" : block,
    ...rest,
  ];
}

function describe(id: string | number | null, error: unknown): object {
  if (error instanceof RpcRefusal) return failure(id, error.rpcCode, error.message);
  const { code, message, data } = error as { code?: unknown; message?: unknown; data?: unknown };
  const isRevert = code === 3 && typeof data === "string";
  return failure(
    id,
    typeof code === "number" ? code : RPC_CODES.internal,
    isRevert ? "execution reverted" : typeof message === "string" ? message : "Internal error",
    isRevert ? data : undefined,
  );
}

function failure(id: string | number | null, code: number, message: string, data?: string): object {
  return { jsonrpc: "2.0", id, error: { code, message, ...(data === undefined ? {} : { data }) } };
}

/** Null when it is too large. Reads on to the end without keeping it: leaving early would cut the connection before the answer. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks = [];
  }
  return size > MAX_BODY_BYTES ? null : Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, { status, body }: Reply): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
