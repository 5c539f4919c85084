import type { Connection } from "../../src/chain/connection.js";
import { parseBlock, parseLog, toTag } from "../../src/chain/rpc-shapes.js";
import { createChainSource, type ChainSource } from "../../src/chain/source.js";

/** Anything that takes JSON-RPC calls, as the provider of an in-process chain. */
export interface Sender {
  send(method: string, params: unknown[]): Promise<unknown>;
}

/** The chain source of an in-process chain: the same code as over a connection. */
export function sourceOf(sender: Sender): ChainSource {
  const getBlock: Connection["getBlock"] = async (block) => {
    const answer = await sender.send("eth_getBlockByNumber", [toTag(block), false]);
    return answer === null ? null : parseBlock(answer);
  };
  const connection: Pick<Connection, "getBlock" | "getBlocks" | "getLogs"> = {
    getBlock,
    getBlocks: (numbers) => Promise.all(numbers.map(getBlock)),
    async getLogs({ fromBlock, toBlock, ...filter }) {
      const answer = await sender.send("eth_getLogs", [
        { ...filter, fromBlock: toTag(fromBlock), toBlock: toTag(toBlock) },
      ]);
      return (answer as unknown[]).map(parseLog);
    },
  };
  return createChainSource(connection);
}
