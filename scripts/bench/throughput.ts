import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Interface, Wallet } from "ethers";

import { batchIdOf } from "../../src/chain/codes.js";
import { startEmbeddedNode } from "../../src/chain/embedded-node/start.js";
import { createClient } from "../../src/client/client.js";
import { Units__factory } from "../../types/ethers-contracts/factories/Units__factory.js";
import { freePort, rpc } from "./network.js";
import { copyChain } from "./twin.js";
import {
  postLists,
  postSingly,
  postUntilFinal,
  prepareTraders,
  signTransfers,
  startServiceProcess,
  type Post,
  type ServiceProcess,
  type Trader,
} from "./service.js";
import type { Row } from "./table.js";

const TRANSFERS = 1_000;
/** Each is measured so often, in turns: a machine that slows down for a while slows all of them down. */
const ROUNDS = 5;
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

/** Seconds of all rounds. */
interface Seconds {
  singly: number;
  listed: number;
  sideBySide: number;
  batched: number;
}

async function measure(service: ServiceProcess, traders: readonly Trader[], raw: RawTransfers): Promise<Seconds> {
  const ours = async (count: number, post: Post) => postUntilFinal(service, await signTransfers(traders, count), post);
  const theirs = async (count: number, send: typeof sendBatched) => send(raw.url, await signRaw(raw, count));
  await ours(WARM_UP, postSingly(CONCURRENCY));
  await theirs(WARM_UP, sendSideBySide);

  const seconds: Seconds = { singly: 0, listed: 0, sideBySide: 0, batched: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    seconds.singly += await ours(TRANSFERS, postSingly(CONCURRENCY));
    seconds.sideBySide += await theirs(TRANSFERS, sendSideBySide);
    seconds.listed += await ours(TRANSFERS, postLists(LIST));
    seconds.batched += await theirs(TRANSFERS, sendBatched);
  }
  return seconds;
}

/**
 * A thousand transfers through the API, durable before the answer and followed until they are final, against what the same node takes of
 * the same transfers as transactions signed beforehand: a twin of the chain in a process of its own, while the service has nothing to do.
 * Like against like: each in a request of its own, and many in one request. Both after a warm-up.
 */
export async function throughputRows(): Promise<Row[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "carbon-ledger-bench-"));
  const twinDir = await mkdtemp(join(tmpdir(), "carbon-ledger-bench-twin-"));
  try {
    const service = await startServiceProcess(dataDir, await freePort(), await freePort());
    let seconds: Seconds;
    try {
      const keys = Array.from({ length: FIRMS }, () => Wallet.createRandom().privateKey);
      const traders = await prepareTraders(service, keys);
      const { chainId, contracts } = await createClient({ baseUrl: service.url }).chain.get();
      await copyChain(dataDir, twinDir);
      const node = await startEmbeddedNode({ dataDir: twinDir, port: 0 });
      try {
        seconds = await measure(service, traders, { url: node.url, chainId, units: contracts["units"] ?? "", traders });
      } finally {
        await node.stop();
      }
    } finally {
      await service.stop();
    }
    return rowsOf(seconds);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
    await rm(twinDir, { recursive: true, force: true });
  }
}

function rowsOf({ singly, sideBySide, listed, batched }: Seconds): Row[] {
  const count = (number: number) => number.toLocaleString("en");
  const rate = (seconds: number) => count(Math.round((ROUNDS * TRANSFERS) / seconds));
  const row = (how: string, ours: number, name: string, theirs: number): Row => ({
    measure: `${count(TRANSFERS)} transfers through the API, ${how}, against ${name} (${ROUNDS} rounds in turns, after ${count(WARM_UP)} to warm up)`,
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
}
