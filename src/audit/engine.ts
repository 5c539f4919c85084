import type { BalancesReader } from "../chain/audit-calls.js";
import { LEDGER_CONTRACTS, type LedgerEvent } from "../chain/event-types.js";
import { createEventDecoder, type EventDecoder, type LedgerAddresses } from "../chain/events.js";
import type { LedgerReader } from "../chain/ledger-reader.js";
import type { BlockHeader, ChainSource, RawLog } from "../chain/source.js";
import { compareState, type Comparison } from "./compare.js";
import { AuditError, Findings } from "./findings.js";
import { HistoryFiles } from "./history-files.js";
import { compareHistory } from "./history-checks.js";
import { LedgerState } from "./ledger-state.js";
import { locate } from "./locate.js";
import { headerOf, logWindows, type LogWindow } from "./log-windows.js";
import { patiently } from "./patience.js";
import { readSnapshot, writeSnapshot } from "./snapshot.js";
import { verdictOf, type AuditVerdict } from "./verdict.js";

/** The chain, as an audit sees it. */
export interface AuditChain {
  chainId(): Promise<bigint>;
  readonly source: ChainSource;
  /** Whether there is a contract at an address. */
  hasCode(address: string, block: bigint): Promise<boolean>;
  readonly reader: LedgerReader;
  readonly balances: BalancesReader;
}

export type AuditPhase = "logs" | "state" | "history" | "places";

export interface AuditOptions {
  readonly chain: AuditChain;
  readonly contracts: LedgerAddresses;
  /** No event of the ledger is older. */
  readonly fromBlock: bigint;
  /** Default: the latest block, or one that comes while the audit runs. */
  readonly toBlock?: bigint | undefined;
  /** Where the audit keeps what it needs, and how far it came: the next one with the same directory goes on from there. */
  readonly stateDir: string;
  /** @param total 0 when it is not known */
  readonly onProgress?: ((phase: AuditPhase, done: bigint | number, total: bigint | number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A snapshot is taken after so many blocks or so many events. */
const SNAPSHOT_BLOCKS = 5_000n;
const SNAPSHOT_EVENTS = 20_000;
/** A latest block that moved on by less is not run after: nodes keep the state of more than a hundred blocks. */
const NEAR = 64n;
/** Contracts whose logs say what there is of units and money, and whose it is. */
const SOURCES = LEDGER_CONTRACTS.filter((name) => name !== "AccessManager" && name !== "Intents");

/**
 * Derives every balance, serial block, total, position, fill and record from the logs alone, and compares them with the contracts.
 * Contradictions do not stop it: each is part of the verdict. Rejects, with a ChainUnavailableError, an RpcError or an AuditError, only
 * when the audit cannot be done.
 */
export async function audit(options: AuditOptions): Promise<AuditVerdict> {
  const { chain, contracts, fromBlock, signal } = options;
  const chainId = (await patiently(chain.chainId, signal)).toString();
  const run = await Run.start(options, chainId);
  const last = await run.readAll();
  for (const name of SOURCES) {
    if (await patiently(async () => await chain.hasCode(contracts[name], last.number), signal)) continue;
    throw new AuditError(`There is no contract at ${contracts[name]}, where ${name} should be.`);
  }
  const comparison = await compareState({
    state: run.state,
    ...chain,
    block: last.number,
    signal,
    onProgress: (done, total) => options.onProgress?.("state", done, total),
  });
  const history = await compareHistory({
    files: run.files,
    reader: chain.reader,
    block: last.number,
    findings: run.findings,
    signal,
    onProgress: (done) => options.onProgress?.("history", done, 0),
  });
  await place(run, comparison, last.number);
  const again = await patiently(async () => await headerOf(chain.source, last.number), signal);
  if (again.hash !== last.hash) throw new AuditError("The chain was reorganised during the audit. Run it again.");
  return verdictOf(run.findings, {
    chainId,
    contracts,
    fromBlock: fromBlock.toString(),
    toBlock: last.number.toString(),
    blockHash: last.hash,
    events: run.events,
    checks: { ...comparison.counts, ...history },
  });
}

/** Says of each difference what it means, and where it came about. */
async function place(run: Run, { differences }: Comparison, toBlock: bigint): Promise<void> {
  const { contracts, fromBlock, onProgress, signal } = run.options;
  const blocks = await locate(differences, {
    exchange: contracts.Exchange,
    fromBlock,
    toBlock,
    signal,
    async *events() {
      for await (const window of run.windows(fromBlock, toBlock)) {
        for (const log of window.logs) {
          const event = run.decode(log, new Findings());
          if (event !== null) yield event;
        }
        onProgress?.("places", window.to.number - fromBlock, toBlock - fromBlock);
      }
    },
  });
  for (const { check, expected, found } of differences) {
    const block = blocks.get(check);
    const where = block === undefined ? null : { blockNumber: block, txHash: null };
    for (const finding of check.explain(expected, found)) run.findings.add(finding, where);
  }
}

/** One pass over the logs, which may have begun in an earlier process. */
class Run {
  events = 0;
  readonly #decoder: EventDecoder;
  /** The last block that was read. */
  #at: BlockHeader | null = null;

  private constructor(
    readonly options: AuditOptions,
    readonly chainId: string,
    readonly state: LedgerState,
    readonly findings: Findings,
    readonly files: HistoryFiles,
  ) {
    this.#decoder = createEventDecoder(options.contracts);
  }

  /** Goes on with what the directory has, if that is of this ledger and this chain. */
  static async start(options: AuditOptions, chainId: string): Promise<Run> {
    const { contracts, fromBlock, stateDir, chain } = options;
    const snapshot = await readSnapshot(stateDir);
    const head = snapshot?.head;
    const isOurs =
      head?.chainId === chainId &&
      head.fromBlock === fromBlock.toString() &&
      JSON.stringify(head.contracts) === JSON.stringify(contracts) &&
      (options.toBlock === undefined || BigInt(head.block) <= options.toBlock);
    const header = isOurs ? await chain.source.headers(BigInt(head.block), BigInt(head.block)).catch(() => []) : [];
    const known = isOurs && header[0]?.hash === head.blockHash ? snapshot : null;
    const findings = new Findings(known?.head.discrepancies, known?.head.discrepancyCount);
    const files = await HistoryFiles.open(stateDir, known?.head.files ?? {});
    const run = new Run(options, chainId, new LedgerState(contracts.Exchange, findings, files), findings, files);
    if (known === null) return run;
    run.state.restore(known.rows);
    run.events = known.head.events;
    run.#at = header[0] ?? null;
    return run;
  }

  /** @returns the block at which the contracts are to be asked */
  async readAll(): Promise<BlockHeader> {
    const { toBlock, fromBlock, chain, signal } = this.options;
    const head = async (): Promise<bigint> => (await patiently(async () => await chain.source.head(), signal)).number;
    const latest = await head();
    if (latest < (toBlock ?? fromBlock)) {
      throw new AuditError(`The node has no block ${toBlock ?? fromBlock}: its latest is ${latest}.`);
    }
    for (let target = toBlock ?? latest; ;) {
      await this.#read(target);
      if (toBlock !== undefined) break;
      const next = await head();
      if (next < target + NEAR) break;
      target = next;
    }
    if (this.#at === null) throw new AuditError("There is no block to audit.");
    return this.#at;
  }

  windows(from: bigint, to: bigint): AsyncGenerator<LogWindow> {
    const { chain, contracts, signal } = this.options;
    return logWindows({ source: chain.source, addresses: SOURCES.map((name) => contracts[name]), from, to, signal });
  }

  /** @returns null for a log that cannot be read, which is a finding */
  decode(log: RawLog, findings: Findings): LedgerEvent | null {
    try {
      return this.#decoder(log);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      findings.add({ kind: "unreadable-log", found: log.topics[0], detail }, log);
      return null;
    }
  }

  async #read(to: bigint): Promise<void> {
    const { fromBlock, onProgress } = this.options;
    const from = this.#at === null ? fromBlock : this.#at.number + 1n;
    let [savedBlock, savedEvents] = [from, this.events];
    for await (const window of this.windows(from, to)) {
      for (const log of window.logs) {
        this.events += 1;
        const event = this.decode(log, this.findings);
        if (event !== null) this.state.apply(event);
      }
      this.state.endTransaction();
      this.#at = window.to;
      await this.files.breathe();
      onProgress?.("logs", window.to.number - fromBlock, to - fromBlock);
      const isDue = window.to.number - savedBlock >= SNAPSHOT_BLOCKS || this.events - savedEvents >= SNAPSHOT_EVENTS;
      if (!isDue) continue;
      [savedBlock, savedEvents] = [window.to.number, this.events];
      await this.#save();
    }
    await this.#save();
  }

  async #save(): Promise<void> {
    if (this.#at === null) return;
    const { contracts, fromBlock, stateDir } = this.options;
    const head = {
      chainId: this.chainId,
      contracts,
      fromBlock: fromBlock.toString(),
      block: this.#at.number.toString(),
      blockHash: this.#at.hash,
      events: this.events,
      files: await this.files.flush(),
      discrepancies: this.findings.kept,
      discrepancyCount: this.findings.count,
    };
    await writeSnapshot(stateDir, head, this.state.rows());
  }
}
