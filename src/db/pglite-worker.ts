import { parentPort, workerData } from "node:worker_threads";
// Node runs this thread as it is, without a loader that would find the TypeScript behind another ending.
import { openInThisThread } from "./pglite-engine.ts";

/**
 * A thread that has PGlite to itself. It says once that it is open, then answers each run of messages, in their order; `null` closes it.
 * An engine that throws ends it: what it would do after that is not to be trusted.
 */
const engine = await openInThisThread((workerData as { readonly directory: string }).directory);
let last: Promise<void> = Promise.resolve();

parentPort?.on("message", (messages: Uint8Array<ArrayBuffer> | null) => {
  last = last.then(() => (messages === null ? end() : answer(messages)));
});
parentPort?.postMessage("open");

async function answer(messages: Uint8Array<ArrayBuffer>): Promise<void> {
  const bytes = await engine.exchange(messages);
  parentPort?.postMessage(bytes, [bytes]);
}

async function end(): Promise<void> {
  await engine.close();
  parentPort?.postMessage("closed");
  parentPort?.close();
}
