import type { JsonRpcError, JsonRpcPayload, JsonRpcResult } from "ethers";
import { JsonRpcApiProvider, Network } from "ethers";

import { RpcError } from "./rpc-errors.js";

type Request = (method: string, params: readonly unknown[]) => Promise<unknown>;

/**
 * An ethers provider on top of a connection, for typed contract calls: the same time limits, failover and bounds.
 * Reverts surface as ethers' CALL_EXCEPTION with the revert data; an unreachable chain as ChainUnavailableError.
 */
export class ConnectionProvider extends JsonRpcApiProvider {
  readonly #request: Request;
  readonly #chainId: () => Promise<bigint>;
  #detected: Network | null = null;

  constructor(request: Request, chainId: () => Promise<bigint>) {
    // A cached answer could be older than the block that the caller has just been told about.
    super(undefined, { batchMaxCount: 1, cacheTimeout: -1, pollingInterval: 250 });
    this.#request = request;
    this.#chainId = chainId;
  }

  override async _detectNetwork(): Promise<Network> {
    this.#detected ??= Network.from(await this.#chainId());
    return this.#detected;
  }

  override async send(method: string, params: unknown[] | Record<string, unknown>): Promise<unknown> {
    const list = Array.isArray(params) ? params : [params];
    try {
      return await this.#request(method, list);
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      throw this.getRpcError({ id: 0, jsonrpc: "2.0", method, params: list }, { id: 0, error: bodyOf(error) });
    }
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<(JsonRpcResult | JsonRpcError)[]> {
    const payloads = Array.isArray(payload) ? payload : [payload];
    return await Promise.all(payloads.map(async (one) => await this.#answer(one)));
  }

  async #answer({ id, method, params }: JsonRpcPayload): Promise<JsonRpcResult | JsonRpcError> {
    try {
      return { id, result: await this.#request(method, Array.isArray(params) ? params : [params]) };
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return { id, error: bodyOf(error) };
    }
  }
}

/** ethers looks for the word "revert" in the message before it takes the data as revert data. */
function bodyOf(error: RpcError): { code: number; message: string; data: string } {
  const message = error.data !== null && !/revert/i.test(error.message) ? `reverted: ${error.message}` : error.message;
  return { code: error.code, message, data: error.data ?? "" };
}
