import type { Connection } from "../../src/chain/connection.js";
import { ChainUnavailableError, RpcError } from "../../src/chain/rpc-errors.js";
import {
  parseBlock,
  parseHash,
  parseHex,
  parseLog,
  parseQuantity,
  parseReceipt,
  parseTransaction,
  toTag,
  type CallRequest,
} from "../../src/chain/rpc-shapes.js";
import { revertDataOf } from "../../src/chain/revert.js";
import type { OutboxConnection } from "../../src/chain/outbox/ports.js";

/** One JSON-RPC call to the chain that the tests run on. */
export type Request = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** What may go wrong between the service and its node. */
export interface Faults {
  /** Nothing answers. */
  isDown: boolean;
  /** So many broadcasts are acknowledged and lost. */
  lostBroadcasts: number;
  /** The process dies here: the call never comes back. `before`: the node never saw it; `after`: it did. */
  dies: "never" | "before-broadcast" | "after-broadcast" | "at-receipt";
}

export interface FaultyConnection
  extends OutboxConnection, Pick<Connection, "getBlock" | "getBlocks" | "getLogs" | "getTransaction"> {
  readonly faults: Faults;
  /** Raw transactions that reached the node. */
  readonly broadcasts: string[];
}

/** A connection over any JSON-RPC function, which fails as the test says. */
export function createFaultyConnection(node: Request): FaultyConnection {
  const faults: Faults = { isDown: false, lostBroadcasts: 0, dies: "never" };
  const broadcasts: string[] = [];

  async function request(method: string, params: readonly unknown[]): Promise<unknown> {
    if (faults.isDown) throw new ChainUnavailableError(method, ["0: connection refused"]);
    try {
      return await node(method, params);
    } catch (error) {
      const { code, message } = error as { code?: unknown; message: string };
      throw new RpcError(method, typeof code === "number" ? code : -32000, message, revertDataOf(error));
    }
  }

  const call = ({ gas, value: _value, ...rest }: CallRequest): object => ({
    ...rest,
    ...(gas === undefined ? {} : { gas: `0x${gas.toString(16)}` }),
  });

  return {
    faults,
    broadcasts,
    request,
    chainId: async () => parseQuantity(await request("eth_chainId", [])),
    blockNumber: async () => parseQuantity(await request("eth_blockNumber", [])),
    getTransactionCount: async (address, block = "latest") =>
      parseQuantity(await request("eth_getTransactionCount", [address, toTag(block)])),
    call: async (ask, block = "latest") => parseHex(await request("eth_call", [call(ask), toTag(block)])),
    estimateGas: async (ask) => parseQuantity(await request("eth_estimateGas", [call(ask)])),

    async getBlock(block) {
      const answer = await request("eth_getBlockByNumber", [toTag(block), false]);
      return answer === null ? null : parseBlock(answer);
    },

    async getBlocks(numbers) {
      return await Promise.all(numbers.map((number) => this.getBlock(number)));
    },

    async getLogs({ fromBlock, toBlock, ...filter }) {
      const params = [{ ...filter, fromBlock: toTag(fromBlock), toBlock: toTag(toBlock) }];
      return ((await request("eth_getLogs", params)) as unknown[]).map(parseLog);
    },

    async getTransaction(hash) {
      const answer = await request("eth_getTransactionByHash", [hash]);
      return answer === null ? null : parseTransaction(answer);
    },

    async getReceipt(hash) {
      if (faults.dies === "at-receipt") await never();
      const answer = await request("eth_getTransactionReceipt", [hash]);
      return answer === null ? null : parseReceipt(answer);
    },

    async sendRawTransaction(raw) {
      if (faults.dies === "before-broadcast") await never();
      if (faults.lostBroadcasts > 0) {
        faults.lostBroadcasts -= 1;
        return `0x${"00".repeat(32)}`;
      }
      broadcasts.push(raw);
      const hash = await request("eth_sendRawTransaction", [raw]);
      if (faults.dies === "after-broadcast") await never();
      return parseHash(hash);
    },

    async sendRawTransactions(raws) {
      const refusals: (RpcError | null)[] = [];
      for (const raw of raws) {
        try {
          await this.sendRawTransaction(raw);
          refusals.push(null);
        } catch (error) {
          if (!(error instanceof RpcError)) throw error;
          refusals.push(error);
        }
      }
      return refusals;
    },
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
