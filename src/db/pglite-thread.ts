import { Worker } from "node:worker_threads";
import type { PGliteEngine } from "./pglite-engine.js";

const PROGRAM = new URL("./pglite-worker.ts", import.meta.url);

/**
 * Runs PGlite in a thread of its own, so that nothing in this one waits for a statement. Only statements that wait for their answer keep
 * the process alive.
 * @param directory Where it keeps its files.
 * @param program What the thread runs, for tests.
 */
export async function openInOwnThread(directory: string, program: URL = PROGRAM): Promise<PGliteEngine> {
  // A Node that reads TypeScript needs no loader, and without one the thread starts sooner.
  const execArgv = process.features.typescript === false ? process.execArgv : [];
  const worker = new Worker(program, { workerData: { directory }, execArgv });
  const waiting: PromiseWithResolvers<ArrayBuffer>[] = [];
  const ended = Promise.withResolvers<void>();
  let isClosed = false;
  let cause: unknown;

  /** What comes next is for the one who has waited longest: the thread does one thing at a time. */
  function next(): Promise<ArrayBuffer> {
    const answer = Promise.withResolvers<ArrayBuffer>();
    if (waiting.push(answer) === 1) worker.ref();
    return answer.promise;
  }

  worker.on("message", (answer: ArrayBuffer) => {
    waiting.shift()?.resolve(answer);
    // Of a thread that closes, the end is waited for.
    if (waiting.length === 0 && !isClosed) worker.unref();
  });
  worker.on("error", (error: unknown) => void (cause = error));
  worker.on("exit", () => {
    isClosed = true;
    const message = `PGlite is closed: ${cause instanceof Error ? cause.message : "its thread has ended"}`;
    for (const { reject } of waiting.splice(0)) reject(new Error(message, { cause }));
    ended.resolve();
  });

  await next();
  return {
    async exchange(messages) {
      if (isClosed) throw new Error("PGlite is closed", { cause });
      worker.postMessage(messages, [messages.buffer]);
      return next();
    },
    get isClosed() {
      return isClosed;
    },
    async close() {
      if (!isClosed) {
        isClosed = true;
        worker.postMessage(null);
        await next();
      }
      await ended.promise;
    },
  };
}
