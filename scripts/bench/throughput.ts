import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Interface, Wallet } from "ethers";

import { batchIdOf } from "../../src/chain/codes.js";
import { startEmbeddedNode } from "../../src/chain/embedded-node/start.js";
import { createClient } from "../../src/client/client.js";
import { Units__factory } from "../../types/ethers-contracts/factories/Units__factory.js";
import { freePort, rpc } from "./network.js";
import {
  postLists,
  postSingly,
  postUntilFinal,
  prepareTraders,
  signTransfers,
  startServiceProcess,
  type Trader,
} from "./service.js";
import type { Row } from "./table.js";

const TRANSFERS = 1_000;
/** Before the clock runs, on both sides: a service does not live for its first second. */
const WARM_UP = 2_000;
const FIRMS = 20;
const CONCURRENCY = 64;
/** Transfers in a list of the service, and in a JSON-RPC batch of the node. */
const LIST = 50;
const GAS_LIMIT = 400_000;

interface RawTransfers {
  readonly url: string;
  readonly chainId: number;
  readonly units: string;
  readonly traders: readonly Trader[];
}

/** The same transfers as plain transactions of the holders, signed before the clock runs. One list per sender, in order of nonces. */
async function signRaw({ url, chainId, units, traders }: RawTransfers, count: number): Promise<string[][]> {
  const contract = new Interface(Units__factory.abi);
  const lists: string[][] = [];
  for (const [index, { privateKey, firm }] of traders.entries()) {
    const wallet = new Wallet(privateKey);
    const receiver = traders[(index + 1) % traders.length] as Trader;
    const [nonce] = await rpc(url, [{ method: "eth_getTransactionCount", params: [wallet.address, "latest"] }]);
    const data = contract.encodeFunctionData("transfer", [
      firm.address,
      receiver.firm.address,
      batchIdOf("BENCH-2024"),
      1n,
      [],
    ]);
    const list: string[] = [];
    for (let offset = 0; offset < count / traders.length; offset += 1) {
      list.push(
        await wallet.signTransaction({
          to: units,
          data,
          nonce: Number(nonce) + offset,
          chainId,
          gasLimit: GAS_LIMIT,
          gasPrice: 0,
          type: 0,
        }),
      );
    }
    lists.push(list);
  }
  return lists;
}

/** Every sender waits for the answer before its next transaction; all senders at once. @returns seconds */
async function sendSideBySide(url: string, lists: readonly string[][]): Promise<number> {
  const began = performance.now();
  await Promise.all(
    lists.map(async (list) => {
      for (const raw of list) await rpc(url, [{ method: "eth_sendRawTransaction", params: [raw] }]);
    }),
  );
  return (performance.now() - began) / 1_000;
}

/** As JSON-RPC batches, the quickest way in. @returns seconds */
async function sendBatched(url: string, lists: readonly string[][]): Promise<number> {
  const all = lists.flat();
  const began = performance.now();
  for (let start = 0; start < all.length; start += LIST) {
    await rpc(
      url,
      all.slice(start, start + LIST).map((raw) => ({ method: "eth_sendRawTransaction", params: [raw] })),
    );
  }
  return (performance.now() - began) / 1_000;
}

/**
 * A thousand transfers through the API, durable before the answer and followed until they are final, against what the same node takes of
 * the same transfers as transactions signed beforehand, with nothing else running. Like against like: each in a request of its own, and
 * many in one request. Both after a warm-up.
 */
export async function throughputRows(): Promise<Row[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "carbon-ledger-bench-"));
  try {
    const service = await startServiceProcess(dataDir, await freePort(), await freePort());
    let chain: Awaited<ReturnType<ReturnType<typeof createClient>["chain"]["get"]>>;
    let traders: Trader[];
    let singly: number;
    let listed: number;
    try {
      traders = await prepareTraders(
        service,
        Array.from({ length: FIRMS }, () => Wallet.createRandom().privateKey),
      );
      chain = await createClient({ baseUrl: service.url }).chain.get();
      await postUntilFinal(service, await signTransfers(traders, WARM_UP), postSingly(CONCURRENCY));
      singly = await postUntilFinal(service, await signTransfers(traders, TRANSFERS), postSingly(CONCURRENCY));
      listed = await postUntilFinal(service, await signTransfers(traders, TRANSFERS), postLists(LIST));
    } finally {
      await service.stop();
    }

    const node = await startEmbeddedNode({ dataDir, port: 0 });
    let sideBySide: number;
    let batched: number;
    try {
      const raw = { url: node.url, chainId: chain.chainId, units: chain.contracts["units"] ?? "", traders };
      await sendSideBySide(node.url, await signRaw(raw, WARM_UP));
      sideBySide = await sendSideBySide(node.url, await signRaw(raw, TRANSFERS));
      batched = await sendBatched(node.url, await signRaw(raw, TRANSFERS));
    } finally {
      await node.stop();
    }
    const count = (number: number) => number.toLocaleString("en");
    const rate = (seconds: number) => count(Math.round(TRANSFERS / seconds));
    const row = (how: string, ours: number, name: string, theirs: number): Row => ({
      measure: `${count(TRANSFERS)} transfers through the API, ${how} (after ${count(WARM_UP)} to warm up), against ${name}`,
      ours: `${rate(ours)}/s`,
      limit: "≥ 1.0",
      holds: theirs / ours >= 1,
      ratio: (theirs / ours).toFixed(2),
      other: `${rate(theirs)}/s`,
    });
    return [
      row("each in a request of its own", singly, "raw transactions, 20 senders side by side", sideBySide),
      row(`in lists of ${LIST}`, listed, `raw transactions in JSON-RPC batches of ${LIST}`, batched),
    ];
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}
