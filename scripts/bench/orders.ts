import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Wallet } from "ethers";

import { startEmbeddedNode } from "../../src/chain/embedded-node/start.js";
import { createClient } from "../../src/client/client.js";
import {
  metricOf,
  openMarket,
  postOrders,
  preparePosting,
  type Bulk,
  type Market,
  type SignedOrder,
} from "./market.js";
import { freePort, rpc } from "./network.js";
import { recoveryRows } from "./recovery.js";
import { BATCH, prepareTraders, startServiceProcess, type ServiceProcess, type Trader } from "./service.js";
import type { Row } from "./table.js";
import { copyChain, transactionsOf } from "./twin.js";

const FIRMS = 40;
const BULK = { size: 100, concurrency: 8 };
const SINGLE = { size: 1, concurrency: 64 };
const ORDERS = 4_000;
/** Of the slow server, and one to a request. */
const FEWER = 1_000;
const WARM_UP = 2_000;
/** Of a round: long enough that the way of the last trade to its end, once in a round, weighs little in what is a rate. */
const TRADES = 10_000;
const ROUNDS = 3;
/** Until both have their code compiled: in the first rounds the service spends a tenth of its time on that. */
const WARM_UP_ROUNDS = 2;
const RESTING_PRICE = 136_000;
const TRADING_PRICE = 100_000;
const ORDER_GOAL = 8;
const SETTLEMENT_GOAL = 0.8;
const SETTLE_MS = 120_000;
/** To ask costs the service something, too. */
const POLL_MS = 100;
/** Transactions in a body: the node takes so many megabytes. */
const PART = 40;
/** Until a part has come to the node, which has work for a second with it. */
const NEXT_PART_MS = 50;
const PROCESSOR = "process_cpu_seconds_total";
const SETTLED = 'ledger_outbox_final_total{lane="settlement"}';

/** Orders in a second, and what each costs the process, in milliseconds of processor time. */
interface Intake {
  readonly rate: number;
  readonly cost: number;
}

async function intakeOf(service: ServiceProcess, orders: readonly SignedOrder[], how: Bulk): Promise<Intake> {
  const before = await metricOf(service, PROCESSOR);
  const seconds = await postOrders(service, orders, how);
  const after = await metricOf(service, PROCESSOR);
  return { rate: orders.length / seconds, cost: ((after - before) * 1_000) / orders.length };
}

/** Sells and buys that cross, in turns. */
function crossing(market: Market, traders: readonly Trader[], count: number): SignedOrder[] {
  const half = traders.length / 2;
  const sales = market.sign(traders.slice(0, half), "sell", TRADING_PRICE, count);
  const purchases = market.sign(traders.slice(half), "buy", TRADING_PRICE, count);
  const orders: SignedOrder[] = [];
  for (let start = 0; start < count; start += BULK.size) {
    orders.push(...sales.slice(start, start + BULK.size), ...purchases.slice(start, start + BULK.size));
  }
  return orders;
}

/** @returns seconds, from the first request until the last trade is final on the chain and every trade is told to be settled */
async function settleTrades(service: ServiceProcess, orders: readonly SignedOrder[]): Promise<number> {
  const open = createClient({ baseUrl: service.url });
  const goal = (await metricOf(service, SETTLED)) + orders.length / 2;
  const posting = preparePosting(service, orders, BULK);
  const isWaiting = async (): Promise<boolean> =>
    (await open.instruments.trades(BATCH, { status: "matched", limit: 1 })).items.length > 0;
  const began = performance.now();
  await posting.send();
  // What the last orders traded is listed a moment after they are answered: the number of all that are final tells.
  while ((await metricOf(service, SETTLED)) < goal || (await isWaiting())) {
    if (performance.now() - began > SETTLE_MS) throw new Error("The trades do not settle.");
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const seconds = (performance.now() - began) / 1_000;
  posting.check();
  if ((await open.instruments.trades(BATCH, { status: "failed", limit: 1 })).items.length > 0)
    throw new Error("A trade failed.");
  return seconds;
}

/**
 * Feeds transactions to a node in JSON-RPC batches, each there before the node is done with the one before.
 * @returns seconds until all of them are in blocks
 */
async function feed(url: string, raws: readonly string[]): Promise<number> {
  const parts: Promise<unknown[]>[] = [];
  const began = performance.now();
  for (let start = 0; start < raws.length; start += PART) {
    if (start > 0) await new Promise((resolve) => setTimeout(resolve, NEXT_PART_MS));
    const part = raws.slice(start, start + PART);
    parts.push(
      rpc(
        url,
        part.map((raw) => ({ method: "eth_sendRawTransaction", params: [raw] })),
      ),
    );
  }
  const hashes = (await Promise.all(parts)).flat();
  const seconds = (performance.now() - began) / 1_000;
  const receipts = await rpc(
    url,
    hashes.map((hash) => ({ method: "eth_getTransactionReceipt", params: [hash] })),
  );
  for (const receipt of receipts)
    if ((receipt as { status: string } | null)?.status !== "0x1") throw new Error("A settlement failed.");
  return seconds;
}

/** Seconds of all rounds, and the settlements that carried the trades. */
interface Settlement {
  ours: number;
  /** Of the service's processor time: its node, a process of its own, is not in it. */
  processor: number;
  direct: number;
  transactions: number;
}

/**
 * Trades through the service, and after each round the same settlements fed to a twin of the chain in a process of its own, while the
 * service has nothing to do. The first rounds only warm both up.
 */
async function settlementOf(
  dataDir: string,
  service: ServiceProcess,
  market: Market,
  traders: readonly Trader[],
): Promise<Settlement> {
  const twinDir = await mkdtemp(join(tmpdir(), "carbon-ledger-bench-twin-"));
  await copyChain(dataDir, twinDir);
  let known = (await transactionsOf(dataDir)).length;
  const node = await startEmbeddedNode({ dataDir: twinDir, port: 0 });
  try {
    const sum: Settlement = { ours: 0, processor: 0, direct: 0, transactions: 0 };
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
      const orders = crossing(market, traders, TRADES);
      const before = await metricOf(service, PROCESSOR);
      const ours = await settleTrades(service, orders);
      const processor = (await metricOf(service, PROCESSOR)) - before;
      const raws = (await transactionsOf(dataDir)).slice(known);
      known += raws.length;
      const direct = await feed(node.url, raws);
      if (round < 0) continue;
      sum.ours += ours;
      sum.processor += processor;
      sum.direct += direct;
      sum.transactions += raws.length;
    }
    return sum;
  } finally {
    await node.stop();
    await rm(twinDir, { recursive: true, force: true });
  }
}

const count = (number: number): string => Math.round(number).toLocaleString("en");

const told = ({ rate, cost }: Intake): string => `${count(rate)}/s, ${cost.toFixed(2)} ms of processor each`;

function intakeRows(bulk: Intake, single: Intake, ethers: Intake): Row[] {
  const measure = "signed orders accepted over HTTP, durable and verified";
  return [
    {
      measure: `${measure}, ${BULK.size} to a request, against the same server with ethers' verification`,
      ours: told(bulk),
      limit: `≥ ${ORDER_GOAL}`,
      holds: bulk.rate >= ORDER_GOAL * ethers.rate,
      ratio: (bulk.rate / ethers.rate).toFixed(1),
      other: told(ethers),
    },
    { measure: `${measure}, one to a request`, ours: told(single), limit: "–", holds: true, ratio: "–", other: "–" },
  ];
}

/**
 * Signed orders from the first request to the last answer, and trades from the first request until the last is final on the chain. Orders
 * are signed before the clock runs, and every server and every node has a warm-up.
 */
export async function exchangeRows(): Promise<Row[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "carbon-ledger-bench-"));
  try {
    let market: Market;
    let traders: Trader[];
    let settlement: Settlement;
    let bulk: Intake;
    let single: Intake;
    const service = await startServiceProcess(dataDir, await freePort(), await freePort());
    try {
      const keys = Array.from({ length: FIRMS }, () => Wallet.createRandom().privateKey);
      traders = await prepareTraders(service, keys);
      market = await openMarket(service, traders);
      settlement = await settlementOf(dataDir, service, market, traders);
      await postOrders(service, market.sign(traders, "sell", RESTING_PRICE, WARM_UP), BULK);
      bulk = await intakeOf(service, market.sign(traders, "sell", RESTING_PRICE, ORDERS), BULK);
      single = await intakeOf(service, market.sign(traders, "sell", RESTING_PRICE, FEWER), SINGLE);
    } finally {
      await service.stop();
    }

    const other = await startServiceProcess(
      dataDir,
      await freePort(),
      await freePort(),
      "scripts/bench/ethers-server.ts",
    );
    let slow: Intake;
    try {
      await postOrders(other, market.sign(traders, "sell", RESTING_PRICE, FEWER / 2), BULK);
      slow = await intakeOf(other, market.sign(traders, "sell", RESTING_PRICE, FEWER), BULK);
    } finally {
      await other.stop();
    }
    return [...(await recoveryRows()), ...intakeRows(bulk, single, slow), settlementRow(settlement)];
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function settlementRow({ ours, processor, direct, transactions }: Settlement): Row {
  const trades = ROUNDS * TRADES;
  return {
    measure: `${count(TRADES)} trades, from orders over HTTP to final on chain, against the same settlements fed to the node (${ROUNDS} rounds in turns, ${transactions} transactions)`,
    ours: told({ rate: trades / ours, cost: (processor * 1_000) / trades }),
    limit: `≥ ${SETTLEMENT_GOAL}`,
    holds: direct >= SETTLEMENT_GOAL * ours,
    ratio: (direct / ours).toFixed(2),
    other: `${count(trades / direct)}/s, ${((direct * 1_000) / trades).toFixed(2)} ms each, of a processor of its own`,
  };
}
