import { join } from "node:path";

import { createHardhatRuntimeEnvironment } from "hardhat/hre";

import { PILOT_NETWORK } from "./pilot-network.js";

/** What became of one transaction. Each mined transaction has a block of its own. */
export type Outcome =
  | {
      readonly kind: "mined";
      readonly blockNumber: number;
      readonly blockHash: string;
      readonly transactionHash: string;
    }
  | { readonly kind: "refused"; readonly code: number; readonly message: string };

/** A transaction that was run. */
export interface Execution {
  /** Its hash, or why it is in no block. */
  readonly result: string | { readonly code: number; readonly message: string };
  /** Follows soon: the next transaction need not wait for it. */
  readonly outcome: Promise<Outcome>;
}

/** The chain in this process's memory: a pure function of the signed transactions and block times that it is given. */
export interface Engine {
  readonly chainId: number;
  readonly genesisHash: string;
  /** Name and version, for messages. */
  readonly version: string;
  /** Gas limit of a block. */
  readonly blockGasLimit: bigint;
  request(method: string, params: readonly unknown[]): Promise<unknown>;
  /** Runs one signed transaction in a block with this time (unix seconds, not before the last block's). */
  execute(timestamp: number, raw: string): Promise<Execution>;
  /** Time of the last block, unix seconds. */
  lastTimestamp(): Promise<number>;
  /** Lets calls see the present time: after a replay the engine's clock stands where the last block left it. */
  setClock(now: number): Promise<void>;
}

/** Blocks that are kept as they were answered once: who follows the chain asks for each soon after it is mined. */
const RECENT_BLOCKS = 2_000;

/** Starts the pilot network on Hardhat's engine. */
export async function createEngine(): Promise<Engine> {
  const hre = await createHardhatRuntimeEnvironment({
    // A reverted transaction belongs into its block, as on every other network; the default would report it as refused.
    networks: { pilot: { ...PILOT_NETWORK, throwOnTransactionFailures: false } },
    // No compiler output: the engine would read all of it to explain reverts, which doubles the time to start.
    paths: { artifacts: join(import.meta.dirname, "no-artifacts") },
  });
  const { provider } = await hre.network.create({ network: "pilot" });
  /** By number as a quantity. A block that is mined stays as it is: this chain has no other branch. */
  const recent = new Map<string, Record<string, unknown>>();
  const request = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    const known = method === "eth_getBlockByNumber" && params[1] === false ? recent.get(String(params[0])) : undefined;
    return known ?? (await provider.request({ method, params: [...params] }));
  };
  const block = async (tag: string): Promise<Record<string, unknown>> =>
    ((await request("eth_getBlockByNumber", [tag, false])) ?? {}) as Record<string, unknown>;

  const genesis = await block("0x0");
  let height = 0;

  async function mined(blockNumber: number, transactionHash: string): Promise<Outcome> {
    const number = `0x${blockNumber.toString(16)}`;
    const found = await block(number);
    const { hash, transactions } = found;
    // One block per transaction is what the journal's outcomes rest on.
    if (!Array.isArray(transactions) || transactions.length !== 1 || transactions[0] !== transactionHash) {
      throw new Error(`Expected transaction ${transactionHash} alone in block ${blockNumber}`);
    }
    recent.set(number, found);
    recent.delete(`0x${(blockNumber - RECENT_BLOCKS).toString(16)}`);
    return { kind: "mined", blockNumber, blockHash: String(hash), transactionHash };
  }

  return {
    chainId: Number(await request("eth_chainId", [])),
    genesisHash: String(genesis["hash"]),
    version: String(await request("web3_clientVersion", [])),
    blockGasLimit: BigInt(String(genesis["gasLimit"])),
    request,

    async execute(timestamp, raw) {
      await request("evm_setNextBlockTimestamp", [timestamp]);
      let transactionHash: string;
      try {
        transactionHash = String(await request("eth_sendRawTransaction", [raw]));
      } catch (error) {
        const refusal = refusalOf(error);
        return { result: refusal, outcome: Promise.resolve({ kind: "refused", ...refusal }) };
      }
      height += 1;
      const outcome = mined(height, transactionHash);
      // Whoever waits for it is told; whoever does not is not to be the end of the process.
      outcome.catch(() => undefined);
      return { result: transactionHash, outcome };
    },

    lastTimestamp: async () => Number((await block("latest"))["timestamp"]),

    async setClock(now) {
      const lag = now - Number((await block("pending"))["timestamp"]);
      if (lag > 0) await request("evm_increaseTime", [lag]);
    },
  };
}

function refusalOf(error: unknown): { code: number; message: string } {
  const code = error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : -32_000;
  return { code, message: error instanceof Error ? error.message : String(error) };
}
