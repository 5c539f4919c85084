import { setTimeout as sleep } from "node:timers/promises";
import { ChainUnavailableError, RpcError } from "../chain/rpc-errors.js";
import type { BlockHeader, ChainSource, RawLog } from "../chain/source.js";
import { AuditError } from "./findings.js";
import { patiently } from "./patience.js";

/** The logs of some blocks in a row, in chain order. */
export interface LogWindow {
  readonly from: bigint;
  /** Its last block. */
  readonly to: BlockHeader;
  readonly logs: readonly RawLog[];
}

export interface WindowOptions {
  readonly source: ChainSource;
  readonly addresses: readonly string[];
  readonly from: bigint;
  readonly to: bigint;
  readonly signal?: AbortSignal | undefined;
}

const FIRST_SIZE = 500n;
const LARGEST = 10_000n;
/** Above so many logs in an answer, the next window is not larger. */
const MANY_LOGS = 5_000;
/** After so many answers in a row, a limit that was met once is tried again. */
const FORGIVING = 32;
const ATTEMPTS = 6;
/** Milliseconds. */
const LONGEST_PAUSE = 10_000;

/**
 * Reads logs in windows as large as the node allows. It may refuse a range by any error: the window is then halved, down to one block,
 * which is asked for again a few times. Rejects with what the node said last, and with AuditError when the chain changed meanwhile.
 */
export async function* logWindows({ source, addresses, from, to, signal }: WindowOptions): AsyncGenerator<LogWindow> {
  let size = FIRST_SIZE;
  let ceiling = LARGEST;
  let answers = 0;
  let failures = 0;
  let start = from;
  while (start <= to) {
    signal?.throwIfAborted();
    const end = start + size - 1n < to ? start + size - 1n : to;
    try {
      const window = await read(source, addresses, start, end, signal);
      yield window;
      start = end + 1n;
      failures = 0;
      answers += 1;
      if (answers % FORGIVING === 0) ceiling = smaller(ceiling * 2n, LARGEST);
      if (window.logs.length < MANY_LOGS) size = smaller(size * 2n, ceiling);
    } catch (error) {
      if (!(error instanceof RpcError || error instanceof ChainUnavailableError)) throw error;
      answers = 0;
      if (end > start) {
        size = (end - start + 1n) / 2n;
        ceiling = size;
        if (error instanceof RpcError) continue;
      }
      if (++failures >= ATTEMPTS) throw error;
      await sleep(Math.min(50 * 4 ** failures, LONGEST_PAUSE), undefined, { signal });
    }
  }
}

async function read(
  source: ChainSource,
  addresses: readonly string[],
  from: bigint,
  to: bigint,
  signal: AbortSignal | undefined,
): Promise<LogWindow> {
  const before = await patiently(async () => await headerOf(source, to), signal);
  const logs = await source.logs(from, to, addresses);
  const after = await patiently(async () => await headerOf(source, to), signal);
  const last = logs.at(-1);
  const isOther = last !== undefined && last.blockNumber === to && last.blockHash !== after.hash;
  if (before.hash !== after.hash || isOther) throw new AuditError("The chain was reorganised while it was read.");
  return { from, to: after, logs };
}

/** One header by its number. */
export async function headerOf(source: ChainSource, block: bigint): Promise<BlockHeader> {
  const [header] = await source.headers(block, block);
  if (header === undefined) throw new AuditError(`The node does not have block ${block}.`);
  return header;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
