import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Wallet } from "ethers";

import { createConnection } from "../../../../src/chain/connection.js";
import type { Connection } from "../../../../src/chain/connection.js";
import type { EmbeddedNode, EmbeddedNodeOptions } from "../../../../src/chain/embedded-node/start.js";
import { startEmbeddedNode } from "../../../../src/chain/embedded-node/start.js";

export const PILOT_CHAIN_ID = 84_511n;

/** Creates a contract that stores 1 in the slot that its call data names, and logs the slot as a topic. */
export const SLOT_WRITER = "0x600f600c600039600f6000f3" + "600160003555" + "60003560006000" + "a100";

export interface Harness {
  readonly dataDir: string;
  start(options?: Partial<EmbeddedNodeOptions>): Promise<{ node: EmbeddedNode; connection: Connection }>;
  /** Ends every node that still runs, and removes the directory. */
  cleanUp(): Promise<void>;
}

export async function createHarness(): Promise<Harness> {
  const dataDir = await mkdtemp(join(tmpdir(), "embedded-node-"));
  const started: { node: EmbeddedNode; connection: Connection }[] = [];
  return {
    dataDir,
    async start(options = {}) {
      const node = await startEmbeddedNode({ dataDir, port: 0, ...options });
      const connection = createConnection({ urls: [node.url], timeoutMs: 20_000 });
      started.push({ node, connection });
      return { node, connection };
    },
    async cleanUp() {
      for (const { node, connection } of started) {
        connection.close();
        await node.stop();
      }
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Signs free transactions of one unfunded account, nonce after nonce. */
export function createSender(seed: number): {
  readonly address: string;
  sign(request: { to?: string; data?: string; nonce: number; [field: string]: unknown }): Promise<string>;
} {
  const wallet = new Wallet(`0x${seed.toString(16).padStart(64, "0")}`);
  return {
    address: wallet.address,
    sign: async (request) =>
      await wallet.signTransaction({
        chainId: PILOT_CHAIN_ID,
        type: 2,
        maxFeePerGas: 0,
        maxPriorityFeePerGas: 0,
        gasLimit: 200_000,
        ...request,
      }),
  };
}

export function slotWord(slot: number): string {
  return `0x${slot.toString(16).padStart(64, "0")}`;
}

/** Deploys the slot writer with nonce 0 and answers its address. */
export async function deploySlotWriter(
  connection: Connection,
  sender: ReturnType<typeof createSender>,
): Promise<string> {
  const hash = await connection.sendRawTransaction(await sender.sign({ data: SLOT_WRITER, nonce: 0 }));
  const receipt = await connection.getReceipt(hash);
  if (!receipt?.contractAddress) throw new Error("The slot writer was not created");
  return receipt.contractAddress;
}
