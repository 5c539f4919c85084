import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What `npm start` runs after the build, as a process group of its own. */
export interface RunningStart {
  /** Everything written to standard output and standard error. */
  output(): string;
  /** Resolves when the output has a line like this; rejects when the process ends first. */
  seen(line: RegExp): Promise<void>;
  /** Sends a signal to the process and all that it started; resolves when it has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** The exit code. */
  readonly ended: Promise<number | null>;
}

export interface StartSettings {
  readonly dataDir: string;
  readonly port: number;
  readonly nodePort: number;
  readonly args?: readonly string[];
}

export function runStart({ dataDir, port, nodePort, args = [] }: StartSettings): RunningStart {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/start.ts", ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], DATA_DIR: dataDir, PORT: String(port), NODE_PORT: String(nodePort) },
  });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));

  return {
    output: () => output,
    ended,
    seen: (line) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!line.test(output)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        void ended.then((code) => reject(new Error(`Ended with ${code} before ${line} was seen:\n${output}`)));
      }),
    async kill(signal) {
      killGroup(child, signal);
      await ended;
    },
  };
}

/** The embedded node is in the group, so that it dies in the same moment, as when a machine loses power. */
function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) await new Promise<void>((resolve) => server.close(() => resolve()));
  return ports;
}
