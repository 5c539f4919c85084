import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Wallet } from "ethers";

import { freePort, rpc } from "./network.js";
import {
  postSingly,
  postUntilFinal,
  prepareTraders,
  signTransfers,
  startServiceProcess,
  type ServiceProcess,
  type Trader,
} from "./service.js";
import type { Row } from "./table.js";

const FIRMS = 4;
/** Transfers whose events are timed, and milliseconds from one to the next. */
const TIMED = 300;
const PACE_MS = 25;
/** Transfers in a burst with and without a reader, and how often each, in turns. */
const BURST = 1_000;
const ROUNDS = 3;
const CONCURRENCY = 64;
const WARM_UP = 500;

interface Delivered {
  readonly blockNumber: number;
  readonly at: number;
}

/** Reads the stream of notifications as it comes. */
async function listen(service: ServiceProcess, gone: AbortSignal) {
  const delivered: Delivered[] = [];
  const { body } = await fetch(`${service.url}/v1/notifications?types=operation.final`, {
    headers: { authorization: `Bearer ${service.adminKey}` },
    signal: gone,
  });
  if (body === null) throw new Error("The stream has no body.");
  void (async () => {
    let text = "";
    try {
      for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
        const at = performance.now();
        const blocks = (text + chunk).split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) {
          const data = /^event: operation\.final\ndata: (.*)$/m.exec(block)?.[1];
          if (data === undefined) continue;
          const { operation } = JSON.parse(data) as { operation: { blockNumber: number } };
          delivered.push({ blockNumber: operation.blockNumber, at });
        }
      }
    } catch {
      // Closed from this side.
    }
  })();
  return delivered;
}

/** Asks the node again and again which block is its last. @returns when each block was first seen */
function watch(nodeUrl: string, gone: AbortSignal): ReadonlyMap<number, number> {
  const seen = new Map<number, number>();
  let last: number | undefined;
  void (async () => {
    while (!gone.aborted) {
      const [head] = await rpc(nodeUrl, [{ method: "eth_blockNumber", params: [] }]);
      const at = performance.now();
      for (let number = (last ?? Number(head) - 1) + 1; number <= Number(head); number += 1) seen.set(number, at);
      last = Number(head);
    }
  })().catch(() => undefined);
  return seen;
}

/** Milliseconds from the block to its event, of each, and between one block and the next. */
async function timeEvents(service: ServiceProcess, nodeUrl: string, traders: readonly Trader[]) {
  const gone = new AbortController();
  try {
    const delivered = await listen(service, gone.signal);
    const seen = watch(nodeUrl, gone.signal);
    const signed = await signTransfers(traders, TIMED);
    const before = seen.size;
    const began = performance.now();
    for (const [index, intent] of signed.entries()) {
      const pause = began + index * PACE_MS - performance.now();
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      const answer = await fetch(`${service.url}/v1/transfers`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ intent: intent.intent, signature: intent.signature }),
      });
      if (answer.status !== 202) throw new Error(`A transfer was answered with ${answer.status}.`);
    }
    while (delivered.length < TIMED) await new Promise((resolve) => setTimeout(resolve, 10));
    const blockTime = (performance.now() - began) / (seen.size - before);
    const latencies = delivered.map(({ blockNumber, at }) => at - (seen.get(blockNumber) ?? at));
    return { latencies: latencies.toSorted((a, b) => a - b), blockTime };
  } finally {
    gone.abort();
  }
}

/** Seconds of all bursts, with a reader who hears of each, and with nobody. */
async function timeBursts(service: ServiceProcess, traders: readonly Trader[]) {
  const burst = async (count: number) =>
    postUntilFinal(service, await signTransfers(traders, count), postSingly(CONCURRENCY));
  await burst(WARM_UP);
  const seconds = { heard: 0, unheard: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    seconds.unheard += await burst(BURST);
    const gone = new AbortController();
    await listen(service, gone.signal);
    seconds.heard += await burst(BURST);
    gone.abort();
  }
  return seconds;
}

/**
 * How long after its block an operation's end is told: from the moment in which the node first shows the block (asked without a pause) to the
 * one in which the reader of the stream has the event, each transfer in a block of its own; and what a reader costs under load.
 */
export async function eventRows(): Promise<Row[]> {
  const dataDir = await mkdtemp(join(tmpdir(), "carbon-ledger-bench-events-"));
  try {
    const nodePort = await freePort();
    const service = await startServiceProcess(dataDir, await freePort(), nodePort);
    try {
      const keys = Array.from({ length: FIRMS }, () => Wallet.createRandom().privateKey);
      const traders = await prepareTraders(service, keys);
      const seconds = await timeBursts(service, traders);
      const { latencies, blockTime } = await timeEvents(service, `http://127.0.0.1:${nodePort}`, traders);
      return rowsOf(latencies, blockTime, seconds);
    } finally {
      await service.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function rowsOf(
  latencies: readonly number[],
  blockTime: number,
  { heard, unheard }: { heard: number; unheard: number },
): Row[] {
  const p95 = latencies[Math.floor(latencies.length * 0.95)] ?? Number.NaN;
  const median = latencies[Math.floor(latencies.length / 2)] ?? Number.NaN;
  const rate = (seconds: number) => `${Math.round((ROUNDS * BURST) / seconds).toLocaleString("en")}/s`;
  return [
    {
      measure: `final on chain to delivered by SSE, p95 of ${TIMED} (median ${median.toFixed(0)} ms)`,
      ours: `${p95.toFixed(0)} ms`,
      limit: "reported",
      holds: true,
      ratio: (p95 / blockTime).toFixed(2),
      other: `a block each ${blockTime.toFixed(0)} ms`,
    },
    {
      measure: `${BURST.toLocaleString("en")} transfers while a reader is told of each, against nobody listening (${ROUNDS} rounds in turns)`,
      ours: rate(heard),
      limit: "≥ 0.8",
      holds: unheard / heard >= 0.8,
      ratio: (unheard / heard).toFixed(2),
      other: rate(unheard),
    },
  ];
}
