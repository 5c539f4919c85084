/** The embedded node's process: opens the journal, replays it, serves JSON-RPC, and leaves when its parent does. */
import { mkdir } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { createEngine } from "./engine.js";
import { EmbeddedNodeError } from "./errors.js";
import { openJournal } from "./journal.js";
import { acquireLock } from "./lock.js";
import type { ChildMessage, ChildSettings, ParentMessage } from "./messages.js";
import { replay } from "./replay.js";
import { createRpcServer } from "./rpc-server.js";
import { createSequencer } from "./sequencer.js";

/** A stop that has not finished by then is cut short; the journal makes up for it. */
const STOP_WITHIN_MS = 5_000;

const settings = JSON.parse(process.argv[2] ?? "{}") as ChildSettings;

// Ctrl-C reaches the whole process group. The parent finishes its work first and then says when to stop.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
process.on("disconnect", () => process.exit(0));
// It may have gone while this program was being loaded: then the event was there before anybody listened.
if (process.send !== undefined && !process.connected) process.exit(0);

run().catch(fail);

async function run(): Promise<void> {
  await mkdir(settings.dataDir, { recursive: true });
  const lock = await acquireLock(join(settings.dataDir, "lock"));
  const engine = await createEngine();
  const { chainId, genesisHash, version } = engine;
  const journal = await openJournal(join(settings.dataDir, "journal.ndjson"), {
    format: "carbon-ledger-journal",
    version: 1,
    chainId,
    genesisHash,
    engine: version,
  });
  if (journal.tornBytes > 0) {
    tell({ kind: "notice", message: `Cut ${journal.tornBytes} half-written bytes off the end of the journal` });
  }

  await replay(engine, journal, (replayed, total) => tell({ kind: "progress", replayed, total }));
  await engine.setClock(now());

  const sequencer = await createSequencer({
    engine,
    journal,
    sequence: journal.transactionCount,
    now,
    refusal: watchMemory(settings.memoryMb),
    onFatal: fail,
  });
  const server = createRpcServer({ engine, sequencer });
  await listen(server);

  // Stopping is all that a parent ever asks for.
  process.on("message", (_: ParentMessage) => {
    setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
    void stop().catch(fail);
  });
  const blocks = Number(await engine.request("eth_blockNumber", []));
  tell({ kind: "ready", port: (server.address() as AddressInfo).port, blocks });

  async function stop(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    await sequencer.close();
    const sweep = setInterval(() => server.closeIdleConnections(), 20);
    await closed;
    clearInterval(sweep);
    await journal.close();
    await lock.release();
    process.exit(0);
  }
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, settings.host, resolve);
  });
}

/** The state of all blocks stays in memory. Better a node that only reads than one that the system kills. */
function watchMemory(limitMb: number): () => string | null {
  let usedMb = 0;
  const measure = (): void => {
    usedMb = process.memoryUsage.rss() / (1024 * 1024);
  };
  measure();
  setInterval(measure, 1_000).unref();
  return () =>
    usedMb < limitMb
      ? null
      : `The embedded node has reached its memory limit of ${limitMb} MB; raise it, or use RPC_URL`;
}

function now(): number {
  return Math.floor(Date.now() / 1_000);
}

function tell(message: ChildMessage): void {
  if (process.connected) process.send?.(message);
}

function fail(error: unknown): void {
  const code = error instanceof EmbeddedNodeError ? error.code : "start-failed";
  const message = error instanceof Error ? error.message : String(error);
  if (process.send === undefined || !process.connected) process.exit(1);
  process.send({ kind: "failed", code, message } satisfies ChildMessage, () => process.exit(1));
}
