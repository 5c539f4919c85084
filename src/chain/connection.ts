import { ConnectionProvider } from "./rpc-provider.js";
import { ChainMismatchError, ChainUnavailableError, RpcError } from "./rpc-errors.js";
import type { Transport } from "./rpc-transport.js";
import { createTransport } from "./rpc-transport.js";
import type {
  Block,
  BlockTag,
  CallRequest,
  Log,
  LogFilter,
  Receipt,
  StorageProof,
  TransactionHead,
} from "./rpc-shapes.js";
import {
  parseBlock,
  parseHash,
  parseHex,
  parseLog,
  parseProof,
  parseQuantity,
  parseReceipt,
  parseTransaction,
  toTag,
} from "./rpc-shapes.js";

export interface ConnectionOptions {
  /** JSON-RPC endpoints of one chain, in order of preference; all must be trusted alike. */
  readonly urls: readonly string[];
  /** Time limit of one attempt at one endpoint. */
  readonly timeoutMs: number;
  /** Requests in flight at once; the others wait for their turn. */
  readonly maxConcurrent?: number;
  readonly logger?: ConnectionLogger;
}

type Request = (method: string, params: readonly unknown[]) => Promise<unknown>;

export interface ConnectionLogger {
  warn(details: object, message: string): void;
}

/**
 * A JSON-RPC client of one chain. Every method may throw `ChainUnavailableError` (no endpoint gave a usable answer;
 * retryable) or `RpcError` (the node answered with an error: code, message, revert data).
 */
export interface Connection {
  /** The same connection for typed contract calls through ethers. */
  readonly provider: ConnectionProvider;

  /** Any method the typed ones do not cover; the answer is unchecked JSON. */
  request(method: string, params: readonly unknown[]): Promise<unknown>;

  /** The chain id that every reachable endpoint agrees on. @throws ChainMismatchError when they differ */
  chainId(): Promise<bigint>;
  blockNumber(): Promise<bigint>;
  /** By number, hash or tag; null when the chain has no such block. */
  getBlock(block: BlockTag): Promise<Block | null>;
  /** Several by number, asked for together; null where the chain has no such block. */
  getBlocks(numbers: readonly bigint[]): Promise<(Block | null)[]>;
  getLogs(filter: LogFilter): Promise<Log[]>;
  /** Null when the node does not know it; one that waits to be mined is known. */
  getTransaction(transactionHash: string): Promise<TransactionHead | null>;
  /** Null while the transaction is in no block. */
  getReceipt(transactionHash: string): Promise<Receipt | null>;
  /** Account and storage proof against the block's state root (EIP-1186). */
  getProof(address: string, slots: readonly string[], block: BlockTag): Promise<StorageProof>;
  /** The nonce that the account's next transaction must carry. */
  getTransactionCount(address: string, block?: BlockTag): Promise<bigint>;
  getCode(address: string, block?: BlockTag): Promise<string>;

  /** Return data. @throws RpcError with `data` when the call reverts */
  call(request: CallRequest, block?: BlockTag): Promise<string>;
  /** @throws RpcError with `data` when the call would revert */
  estimateGas(request: CallRequest): Promise<bigint>;
  /** Hash of the transaction. Resending the same bytes is harmless: a node answers with a nonce error at worst. */
  sendRawTransaction(raw: string): Promise<string>;
  /** Several together, which the node takes in their order. @returns For each, null, or the node's refusal. */
  sendRawTransactions(raws: readonly string[]): Promise<(RpcError | null)[]>;

  /** Aborts what is under way. */
  close(): void;
}

/** Connects nothing yet: an endpoint that is down shows itself at the first request. */
export function createConnection(options: ConnectionOptions): Connection {
  const transport = createTransport({
    urls: options.urls,
    timeoutMs: options.timeoutMs,
    maxConcurrent: options.maxConcurrent ?? 64,
    onFailure: (attempt) => options.logger?.warn(attempt, "A chain endpoint did not answer"),
  });
  const request: Request = async (method, params) => await transport.request(method, params);

  let agreedChainId: bigint | null = null;
  async function chainId(): Promise<bigint> {
    agreedChainId ??= await askChainIds(transport, options.urls.length);
    return agreedChainId;
  }

  async function ask<T>(method: string, params: readonly unknown[], parse: (answer: unknown) => T): Promise<T> {
    return read(method, await request(method, params), parse);
  }

  const provider = new ConnectionProvider(request, chainId);

  return {
    provider,
    request,
    chainId,
    blockNumber: async () => await ask("eth_blockNumber", [], parseQuantity),

    getBlock: async (block) => {
      const isHash = typeof block === "string" && /^0x[0-9a-f]{64}$/i.test(block);
      const method = isHash ? "eth_getBlockByHash" : "eth_getBlockByNumber";
      return await ask(method, [isHash ? block : toTag(block), false], orNull(parseBlock));
    },
    getBlocks: async (numbers) => {
      const method = "eth_getBlockByNumber";
      const params = numbers.map((number) => [toTag(number), false]);
      const answers = await transport.requestAll(method, params);
      return answers.map((answer) => {
        if (answer instanceof RpcError) throw answer;
        return read(method, answer, orNull(parseBlock));
      });
    },
    getLogs: async ({ fromBlock, toBlock, ...filter }) => {
      const params = [{ ...filter, fromBlock: toTag(fromBlock), toBlock: toTag(toBlock) }];
      return await ask("eth_getLogs", params, listOf(parseLog));
    },
    getTransaction: async (hash) => await ask("eth_getTransactionByHash", [hash], orNull(parseTransaction)),
    getReceipt: async (hash) => await ask("eth_getTransactionReceipt", [hash], orNull(parseReceipt)),
    getProof: async (address, slots, block) => await ask("eth_getProof", [address, slots, toTag(block)], parseProof),
    getTransactionCount: async (address, block = "latest") =>
      await ask("eth_getTransactionCount", [address, toTag(block)], parseQuantity),
    getCode: async (address, block = "latest") => await ask("eth_getCode", [address, toTag(block)], parseHex),

    call: async (call, block = "latest") => await ask("eth_call", [toCallParams(call), toTag(block)], parseHex),
    estimateGas: async (call) => await ask("eth_estimateGas", [toCallParams(call)], parseQuantity),
    sendRawTransaction: async (raw) => await ask("eth_sendRawTransaction", [raw], parseHash),
    sendRawTransactions: async (raws) => {
      const method = "eth_sendRawTransaction";
      const params = raws.map((raw) => [raw]);
      return (await transport.requestAll(method, params)).map((answer) => {
        if (answer instanceof RpcError) return answer;
        read(method, answer, parseHash);
        return null;
      });
    },

    close: () => {
      transport.close();
      provider.destroy();
    },
  };
}

/** An answer of the wrong shape is no answer: the caller may come back later, or the operator may look at the node. */
function read<T>(method: string, answer: unknown, parse: (answer: unknown) => T): T {
  try {
    return parse(answer);
  } catch (error) {
    throw new ChainUnavailableError(method, [error instanceof Error ? error.message : String(error)]);
  }
}

async function askChainIds(transport: Transport, endpoints: number): Promise<bigint> {
  const answers = await Promise.allSettled(
    Array.from({ length: endpoints }, async (_, endpoint) =>
      parseQuantity(await transport.requestFrom(endpoint, "eth_chainId", [])),
    ),
  );

  const ids = [...new Set(answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : [])))];
  if (ids.length > 1) throw new ChainMismatchError(ids);

  const [agreed] = ids;
  if (agreed === undefined) {
    const reasons = answers.map((answer) => (answer.status === "rejected" ? reasonOf(answer.reason) : ""));
    throw new ChainUnavailableError("eth_chainId", reasons);
  }
  return agreed;
}

function reasonOf(error: unknown): string {
  if (error instanceof ChainUnavailableError) return error.attempts.join("; ");
  return error instanceof RpcError ? `error ${error.code}: ${error.message}` : String(error);
}

function toCallParams({ gas, value, ...rest }: CallRequest): object {
  return {
    ...rest,
    ...(gas === undefined ? {} : { gas: `0x${gas.toString(16)}` }),
    ...(value === undefined ? {} : { value: `0x${value.toString(16)}` }),
  };
}

function orNull<T>(parse: (answer: unknown) => T): (answer: unknown) => T | null {
  return (answer) => (answer === null ? null : parse(answer));
}

function listOf<T>(parse: (answer: unknown) => T): (answer: unknown) => T[] {
  return (answer) => {
    if (!Array.isArray(answer)) throw new TypeError("the answer is not a list");
    return answer.map(parse);
  };
}
