import { mkdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { destination } from "pino";

import { EmbeddedNodeError } from "../src/chain/embedded-node/errors.js";
import { ManifestError } from "../src/chain/manifest.js";
import { ConfigError, EXIT_CONFIG, loadConfig, type Config } from "../src/config.js";
import { claimDataDirectory, clearDataDirectory, DataDirectoryError } from "../src/data-directory.js";
import { ForeignDatabaseError } from "../src/db/bind.js";
import { createLogger, type Logger } from "../src/logger.js";
import { ProcessLockedError } from "../src/process-lock.js";
import { startService, type RunningService } from "../src/start.js";
import { VERSION } from "../src/version.js";
import { runScenario } from "./pilot/run.js";
import { loadScenario } from "./pilot/scenario.js";
import { PilotStateError } from "./pilot/state.js";
import { formatSummary } from "./pilot/summary.js";
import { watchInterrupts, type Interrupts } from "./start/interrupts.js";
import { HELP, parseStartArguments, UsageError } from "./start/options.js";
import { PortError, requireFreePort } from "./start/ports.js";

/** What `npm start` runs: everything on one machine, with the sample scenario, told step by step on the terminal. */

/** Something that a person must set right: the message is enough, and says what. */
const EXPECTED = [
  UsageError,
  ConfigError,
  DataDirectoryError,
  PortError,
  ForeignDatabaseError,
  ManifestError,
  ProcessLockedError,
  EmbeddedNodeError,
  PilotStateError,
];

const EXIT_INTERRUPTED = 130;
const LOG_LIMIT_BYTES = 50_000_000;
const started = performance.now();

async function main(): Promise<void> {
  const args = parseStartArguments(process.argv.slice(2));
  if (args.help) {
    say(HELP);
    return;
  }
  const { config, secrets } = loadConfig({ ...process.env, ...args.settings });
  const isEmbedded = config.rpcUrls.length === 0;
  if (args.fresh) beginAgain(config, secrets.databaseUrl !== undefined || !isEmbedded);

  say(`Carbon ledger ${VERSION}`);
  const isNew = claimDataDirectory(config.dataDir);
  const { logger, file } = openLog(config);
  say(`  data  ${config.dataDir}${isNew ? " (new)" : ""}`);
  say(`  log   ${file}`);
  const interrupts = interruptible();

  await requireFreePort(config.host, config.port, "The API", "Stop it, or give another port: npm start -- --port 3001");
  if (isEmbedded) {
    await requireFreePort("127.0.0.1", config.nodePort, "The chain", "Stop it, or give another port with NODE_PORT.");
  }
  const service = await startService({ config, secrets, logger, progress: step });
  try {
    await serve(service, { config, logger, interrupts, withPilot: args.pilot && isEmbedded });
  } finally {
    await service.stop();
  }
  say("Stopped.");
}

interface Surroundings {
  readonly config: Config;
  readonly logger: Logger;
  readonly interrupts: Interrupts;
  readonly withPilot: boolean;
}

/** Returns when the person has had enough. Throws what went wrong. */
async function serve(service: RunningService, { config, logger, interrupts, withPilot }: Surroundings): Promise<void> {
  const url = service.url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
  const work = async (): Promise<void> => {
    await untilReady(url, interrupts.signal);
    step("The service is ready to be asked");
    if (withPilot) await playPilot(url, service.adminKeyFile, config);
    if (interrupts.signal.aborted) return;
    announce(url, service, config);
    logger.info({ url }, "Ready");
    await interrupts.requested;
  };
  const outcome = work().catch((error: unknown) => {
    // When the service stops, whatever is under way fails: that is no news.
    if (!interrupts.signal.aborted) throw error;
  });
  await Promise.race([outcome, service.failed, interrupts.requested]);
}

async function playPilot(baseUrl: string, adminKeyFile: string, config: Config): Promise<void> {
  const summary = await runScenario({
    baseUrl,
    adminKey: readIfThere(adminKeyFile)?.trim() ?? "",
    scenario: loadScenario(),
    keysFile: join(config.dataDir, "pilot.json"),
    progress: step,
  });
  say("");
  for (const line of formatSummary(summary)) say(line);
}

const READY_POLL_MS = 100;
const READY_PATIENCE_MS = 120_000;

async function untilReady(baseUrl: string, signal: AbortSignal): Promise<void> {
  const end = performance.now() + READY_PATIENCE_MS;
  while (!signal.aborted) {
    const response = await fetch(`${baseUrl}/health/ready`);
    const answer = await response.text();
    if (response.ok) return;
    if (performance.now() > end) throw new Error(`The service does not become ready: ${answer}`);
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

function announce(url: string, { manifest, adminKeyFile, nodeUrl }: RunningService, { manifestPath }: Config): void {
  const chain = nodeUrl ?? "as RPC_URL names it";
  say("");
  say(`Ready  ${url}  (after ${seconds()} s)`);
  say(`  API reference      ${url}/docs`);
  say(`  chain              ${chain}  (chain id ${manifest.chainId})`);
  say(`  administrator key  in ${adminKeyFile}`);
  if (nodeUrl !== undefined) {
    say(`  audit              npm run carbon -- audit --rpc ${nodeUrl} --manifest ${manifestPath}`);
  }
  say("  Ctrl-C stops; the next start goes on from here.");
}

function interruptible(): Interrupts {
  return watchInterrupts({
    onSignal: (signal, listener) => process.on(signal, listener),
    onFirst: () =>
      say("\nStopping: what is under way is finished first. Ctrl-C again stops at once; nothing is lost either way."),
    onSecond: () => process.exit(EXIT_INTERRUPTED),
    now: () => performance.now(),
  });
}

/** @throws DataDirectoryError */
function beginAgain(config: Config, isElsewhere: boolean): void {
  if (isElsewhere) {
    throw new DataDirectoryError(
      "--fresh empties the data directory only: with DATABASE_URL or RPC_URL the ledger is somewhere else. Nothing was deleted.",
    );
  }
  clearDataDirectory(config.dataDir);
  say(`Emptied ${config.dataDir}`);
}

/** One file, and the one before it. Written at once, so that it tells also what came right before a `kill -9`. */
function openLog(config: Config): { logger: Logger; file: string } {
  const folder = join(config.dataDir, "logs");
  const file = join(folder, "service.log");
  mkdirSync(folder, { recursive: true });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES)
    renameSync(file, join(folder, "service.1.log"));
  return { logger: createLogger(config.logLevel, destination({ dest: file, sync: true })), file };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function seconds(): string {
  return ((performance.now() - started) / 1_000).toFixed(1);
}

function step(line: string): void {
  say(`${seconds().padStart(6)} s  ${line}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Whoever read the terminal may be gone: the service need not stop for that.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

try {
  await main();
  process.exit(0);
} catch (error) {
  const isExpected = EXPECTED.some((kind) => error instanceof kind);
  const text = error instanceof Error ? (isExpected ? error.message : error.stack) : String(error);
  process.stderr.write(`\n${text}\n`);
  process.exit(isExpected ? EXIT_CONFIG : 1);
}
