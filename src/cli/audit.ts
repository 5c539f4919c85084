import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidArgumentError } from "commander";
import { auditChainOf } from "../audit/chain.js";
import { audit, type AuditOptions, type AuditPhase } from "../audit/engine.js";
import type { AuditVerdict } from "../audit/verdict.js";
import { createConnection, type Connection } from "../chain/connection.js";
import {
  checkChain,
  eventSources,
  firstBlockOf,
  ManifestError,
  readManifest,
  type DeploymentManifest,
} from "../chain/manifest.js";
import { CliError, type Io, type Register } from "./io.js";

interface Options {
  readonly rpc: string;
  readonly manifest: string;
  readonly state?: string;
  readonly to?: bigint;
  readonly timeout: number;
}

const LABELS: Readonly<Record<AuditPhase, string>> = {
  logs: "Reading the logs",
  state: "Comparing holdings and totals",
  history: "Comparing records and orders",
  places: "Looking for the places",
};
/** Discrepancies shown to people; `--json` has up to a thousand. */
const SHOWN = 50;

/** `carbon audit`: the ledger against its own logs. */
export const registerAudit: Register = (program, io) => {
  program
    .command("audit")
    .description("derive the whole ledger from the chain's logs and compare it with the contracts")
    .requiredOption("--rpc <url>", "JSON-RPC endpoint of a node; one that keeps old state can name the block")
    .requiredOption("--manifest <file>", "the deployment's manifest, which has the contracts' addresses")
    .option("--state <directory>", "keep how far it came here, and go on from there next time")
    .option("--to <block>", "audit as of this block instead of the latest", blockNumber)
    .option("--timeout <seconds>", "time limit of one request to the node", seconds, 60)
    .action(async (options: Options) => {
      const verdict = await run(io, options);
      io.json(verdict);
      for (const line of linesOf(verdict)) io.out(line);
      io.exit(verdict.verdict === "clean" ? 0 : 1);
    });
};

async function run(io: Io, options: Options): Promise<AuditVerdict> {
  const manifest = await manifestIn(options.manifest);
  const connection = connect(options);
  const stateDir = options.state ?? (await mkdtemp(join(tmpdir(), "carbon-audit-")));
  const show = barsOf(io);
  try {
    const contracts = eventSources(manifest);
    await checkManifest(manifest, connection);
    const chain = auditChainOf(connection, contracts);
    const fromBlock = BigInt(firstBlockOf(manifest));
    return await audit({ chain, contracts, fromBlock, toBlock: options.to, stateDir, onProgress: show.progress });
  } catch (error) {
    throw new CliError(`The audit could not be done: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    show.end();
    connection.close();
    if (options.state === undefined) await rm(stateDir, { recursive: true, force: true });
  }
}

async function manifestIn(path: string): Promise<DeploymentManifest> {
  const manifest = await readManifest(path).catch((error: unknown) => {
    throw new CliError(error instanceof ManifestError ? error.message : `${path} cannot be read.`, { cause: error });
  });
  if (manifest === undefined) throw new CliError(`There is no file ${path}.`);
  return manifest;
}

function connect({ rpc, timeout }: Options): Connection {
  if (!/^https?:\/\//.test(rpc)) throw new CliError("--rpc takes an http(s) address.");
  return createConnection({ urls: [rpc], timeoutMs: timeout * 1_000 });
}

async function checkManifest(manifest: DeploymentManifest, connection: Connection): Promise<void> {
  const [chainId, genesis] = await Promise.all([connection.chainId(), connection.getBlock(0n)]);
  if (genesis === null) throw new ManifestError("The node does not have the chain's first block.");
  checkChain(manifest, { chainId: chainId.toString(), genesisHash: genesis.hash });
}

/** One bar after the other. */
function barsOf(io: Io): { progress: NonNullable<AuditOptions["onProgress"]>; end(): void } {
  let phase: AuditPhase | null = null;
  let bar: ReturnType<Io["progress"]> | null = null;
  return {
    progress(now, done, total) {
      if (phase !== now) {
        bar?.end();
        bar = io.progress(LABELS[now]);
        phase = now;
      }
      bar?.set(done, total);
    },
    end: () => bar?.end(),
  };
}

function linesOf(verdict: AuditVerdict): string[] {
  const { discrepancies, discrepancyCount: count, tonnes, checks } = verdict;
  const compared = Object.entries(checks).filter(([, number]) => number > 0);
  const answer = (yes: boolean): string => (yes ? "YES" : "no");
  return [
    `${count} ${count === 1 ? "discrepancy" : "discrepancies"}`,
    `blocks ${verdict.fromBlock} to ${verdict.toBlock} of chain ${verdict.chainId}, ${verdict.events} events`,
    `compared with the contracts: ${compared.map(([what, number]) => `${number} ${what}`).join(", ")}`,
    `tonnes counted twice: ${answer(tonnes.countedTwice)}; lost: ${answer(tonnes.lost)}; out of thin air: ${answer(tonnes.fromThinAir)}`,
    ...discrepancies.slice(0, SHOWN).map(({ kind, batch, block, detail, expected, found, txHash }) => {
      const where = `${batch ?? "money"}, ${block === null ? "block unknown" : `block ${block}`}`;
      return `${kind} (${where}): ${detail}; expected ${expected || "-"}, found ${found || "-"}${txHash === null ? "" : ` ${txHash}`}`;
    }),
    ...(count > SHOWN ? [`and ${count - SHOWN} more: --json has the first thousand`] : []),
  ];
}

function blockNumber(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError("It must be a block number.");
  return BigInt(text);
}

function seconds(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1 to 9999.");
  return Number(text);
}
