import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { EmbeddedNodeError } from "./errors.js";
import type { ChildMessage, ChildSettings, ParentMessage } from "./messages.js";

export interface EmbeddedNodeOptions {
  /** The service's data directory; the node keeps its journal in `chain/` inside it. */
  readonly dataDir: string;
  /** 8545 by default; 0 lets the system choose. */
  readonly port?: number;
  /** 127.0.0.1 by default: the node knows no authentication. */
  readonly host?: string;
  /** Beyond this the node takes no more transactions, and says so. About 23 KB per block. 2048 by default. */
  readonly memoryMb?: number;
  /** Called while the journal is replayed. */
  readonly onProgress?: (progress: { readonly replayed: number; readonly total: number }) => void;
  readonly logger?: EmbeddedNodeLogger;
}

export interface EmbeddedNodeLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

export interface EmbeddedNode {
  readonly url: string;
  readonly pid: number;
  /** Height of the chain when the node became ready. */
  readonly blocks: number;
  /** Ends the node after the transactions it has taken; resolves when its process is gone. */
  stop(): Promise<void>;
  /** Resolves when the process is gone, expected or not. */
  readonly onExit: Promise<EmbeddedNodeExit>;
}

export interface EmbeddedNodeExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** True after `stop`. */
  readonly isExpected: boolean;
}

const ROOT = resolve(fileURLToPath(new URL("../../..", import.meta.url)));
const CHILD = fileURLToPath(new URL("child.ts", import.meta.url));
/** Enough of the child's error output to explain why it died. */
const MAX_ERROR_OUTPUT = 4_000;

/**
 * Starts the chain of one machine in a process of its own and waits until it serves. The process ends with this one,
 * however this one ends.
 * @throws EmbeddedNodeError
 */
export async function startEmbeddedNode(options: EmbeddedNodeOptions): Promise<EmbeddedNode> {
  const host = options.host ?? "127.0.0.1";
  const memoryMb = options.memoryMb ?? 2_048;
  const settings: ChildSettings = {
    dataDir: resolve(options.dataDir, "chain"),
    host,
    port: options.port ?? 8_545,
    memoryMb,
  };
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${memoryMb}`, "--import", "tsx", CHILD, JSON.stringify(settings)],
    // Hardhat finds its configuration from the working directory.
    { cwd: ROOT, stdio: ["ignore", "ignore", "pipe", "ipc"] },
  );

  let isStopping = false;
  const onExit = new Promise<EmbeddedNodeExit>((done) => {
    child.once("exit", (code, signal) => done({ code, signal, isExpected: isStopping }));
  });
  const ready = await waitUntilReady(child, onExit, options);

  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${ready.port}`,
    pid: child.pid ?? 0,
    blocks: ready.blocks,
    onExit,
    async stop() {
      isStopping = true;
      if (child.connected) child.send({ kind: "stop" } satisfies ParentMessage);
      await onExit;
    },
  };
}

async function waitUntilReady(
  child: ChildProcess,
  onExit: Promise<EmbeddedNodeExit>,
  { onProgress, logger }: EmbeddedNodeOptions,
): Promise<{ port: number; blocks: number }> {
  let errorOutput = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errorOutput = (errorOutput + text).slice(-MAX_ERROR_OUTPUT);
    logger?.warn({ output: text.trim() }, "The embedded node wrote to its error output");
  });

  return await new Promise((resolveReady, reject) => {
    child.on("message", (message: ChildMessage) => {
      if (message.kind === "progress") onProgress?.(message);
      else if (message.kind === "notice") logger?.warn({}, message.message);
      else if (message.kind === "ready") resolveReady(message);
      else {
        logger?.warn({ code: message.code }, message.message);
        reject(new EmbeddedNodeError(message.code, message.message));
      }
    });
    child.once("error", (error) => reject(new EmbeddedNodeError("start-failed", error.message)));
    void onExit.then(({ code, signal }) => {
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      reject(new EmbeddedNodeError("start-failed", `The embedded node ended with ${how}. ${errorOutput}`.trim()));
    });
  });
}
