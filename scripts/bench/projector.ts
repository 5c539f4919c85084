import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { fileManifestStore } from "../../src/chain/manifest.js";
import { deployTestLedger } from "../../test/support/ledger.js";
import { fillLedger } from "./ledger-events.js";
import { BELOW_HEAD, indexWithPonder, installPonder, PONDER, writeIndexer, type PonderRun } from "./ponder.js";
import type { CatchUp } from "./projector-worker.js";
import { startRecordedNode } from "./recorded-node.js";
import type { Row } from "./table.js";

/** `BENCH_EVENTS` makes the chain shorter or longer. */
const EVENTS = Number(process.env["BENCH_EVENTS"] || 60_000);
const MIX = { moves: 50, retirements: 10 };
const TURNS = 2;
const GOAL = 3;
const MORE_MIB = 128;

const run = promisify(execFile);

/**
 * Events a second from an empty read model, against an indexer that does the like: the same chain over the same HTTP, into PGlite on disk,
 * each in a process of its own, which the better of two turns stands for. Both begin to count when they begin to ask for logs.
 */
export async function projectorRows(): Promise<Row[]> {
  const ledger = await deployTestLedger();
  await fillLedger(ledger, EVENTS, MIX);
  const asked: number[] = [];
  const { provider } = ledger.ethers;
  for (let i = 0; i < 2 * BELOW_HEAD; i++) await provider.send("evm_mine", []);
  const node = await startRecordedNode(
    async (method, params) => (await provider.send(method, [...params])) as unknown,
    (method) => {
      if (method === "eth_getLogs") asked.push(Date.now());
    },
  );
  const directory = await mkdtemp(join(tmpdir(), "bench-projector-"));
  try {
    const manifestPath = join(directory, "manifest.json");
    await fileManifestStore(manifestPath).write(ledger.manifest);
    const indexer = join(directory, "indexer");
    await mkdir(indexer);
    await installPonder(indexer);
    await writeIndexer(indexer, node.url, ledger.manifest);
    const runs: CatchUp[] = [];
    let ponder: PonderRun & { readonly seconds: number } = {
      transfers: 0,
      retirements: 0,
      readyAt: 0,
      seconds: Infinity,
    };
    // In turns, so that whatever else the machine does falls on both.
    for (let turn = 0; turn < TURNS; turn++) {
      runs.push(await catchUp(node.url, manifestPath, join(directory, `data-${turn}`)));
      asked.length = 0;
      const indexed = await indexWithPonder(indexer);
      const seconds = (indexed.readyAt - (asked[0] ?? 0)) / 1_000;
      if (seconds < ponder.seconds) ponder = { ...indexed, seconds };
    }
    const [ours] = runs.toSorted((a, b) => a.seconds - b.seconds);
    if (ours === undefined) throw new RangeError("There is at least one turn");
    return rowsOf(ours, ponder, ponder.seconds);
  } finally {
    await node.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function catchUp(url: string, manifest: string, dataDir: string): Promise<CatchUp> {
  const worker = fileURLToPath(new URL("projector-worker.ts", import.meta.url));
  const { stdout } = await run(process.execPath, ["--import", "tsx", worker, url, manifest, dataDir]);
  return JSON.parse(stdout) as CatchUp;
}

function rowsOf(ours: CatchUp, ponder: PonderRun, ponderSeconds: number): Row[] {
  if (ours.transfers !== ponder.transfers || ours.retirements !== ponder.retirements) {
    throw new Error(`They found different things: ${JSON.stringify({ ours, ponder })}`);
  }
  const { seconds, events, memory } = ours;
  const rate = (time: number): string => `${Math.round(events / time)} events/s`;
  const ratio = ponderSeconds / seconds;
  const growth = memory.late - memory.early;
  return [
    {
      measure: `read model of ${events} events from nothing (${ours.transfers} transfers, ${ours.retirements} retirements)`,
      ours: rate(seconds),
      limit: `>= ${GOAL} x`,
      holds: ratio >= GOAL,
      ratio: ratio.toFixed(2),
      other: `${rate(ponderSeconds)}, ${PONDER}`,
    },
    {
      measure: "its memory, after the first quarter",
      ours: `${Math.round(growth)} MiB more`,
      limit: `<= ${MORE_MIB} MiB`,
      holds: growth <= MORE_MIB,
      ratio: "",
      other: `${Math.round(memory.early)} MiB before`,
    },
  ];
}
