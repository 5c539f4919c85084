import type { Db } from "../../db/connection.js";
import type { Lane } from "../../db/inbox-tables.js";
import type { Connection } from "../connection.js";
import type { LedgerAddresses } from "../events.js";
import type { Signer, Signers } from "../signers.js";
import type { OutboxMetrics } from "./metrics.js";
import type { ChainFacts } from "./chain-facts.js";
import type { Settlements } from "./settlements.js";
import { operationStore, type Fate, type LaneStore } from "./store.js";
import type { Turns } from "./turns.js";
import type { Witness, WitnessedAdvance } from "./witness.js";

/** What the outbox asks of the chain. */
export type OutboxConnection = Pick<
  Connection,
  | "request"
  | "chainId"
  | "blockNumber"
  | "getReceipt"
  | "getTransactionCount"
  | "call"
  | "estimateGas"
  | "sendRawTransaction"
  | "sendRawTransactions"
>;

/** The read model, as far as the outbox waits for it. */
export interface OutboxProjector {
  /** True as soon as the block is applied, false when the time is over first. */
  waitForBlock(number: bigint, timeoutMs: number): Promise<boolean>;
  /** Asks it to look for a new block now. */
  poke(): void;
  /** Called after each change is committed. The answer unsubscribes. */
  onAdvance(listener: (advance: WitnessedAdvance) => void): () => void;
}

/** Where an entry goes in the sorted lists of the registry: what the read model knows. */
export interface HintSource {
  /** The project's statement with the latest period that starts before a day (its number). */
  previousStatement(project: string, periodStart: bigint): Promise<string | null>;
  /** Start of the greatest recorded block of a series below a serial; 0 when there is none. */
  previousForeignBlock(programme: string, series: string, start: bigint): Promise<bigint>;
}

export interface OutboxLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface OutboxSettings {
  /** The most intents in one transaction. */
  readonly batchSize: number;
  /** The most batches of intents that are sent and not yet mined; other lanes know their own. */
  readonly maxInFlight: number;
  /** How often to look for work and receipts that nobody announced, in milliseconds. */
  readonly pollMs: number;
  /** First and longest pause after a failure, in milliseconds. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** After how long, in milliseconds, a transaction that is in no block is broadcast again, with higher fees where there are fees. */
  readonly resendAfterMs: number;
  /** The most gas that an intent of a batch may use. One that needs more goes alone, with `heavyGas`. */
  readonly gasPerIntent: bigint;
  /** What an intent uses on average at most: sets the gas limit of a batch. */
  readonly usualGas: bigint;
  readonly heavyGas: bigint;
}

export const DEFAULT_SETTINGS: OutboxSettings = {
  batchSize: 100,
  maxInFlight: 4,
  pollMs: 500,
  retryMs: 500,
  maxRetryMs: 15_000,
  resendAfterMs: 30_000,
  gasPerIntent: 2_000_000n,
  usualGas: 200_000n,
  heavyGas: 12_000_000n,
};

export interface OutboxOptions {
  readonly db: Db;
  readonly connection: OutboxConnection;
  readonly addresses: LedgerAddresses;
  /** Pays for intents and relays them. Nobody else may send transactions with this key. */
  readonly relayer: Signer;
  /** Keys of institutional accounts. */
  readonly signers: Pick<Signers, "signerOf">;
  readonly projector: OutboxProjector;
  /** Left out: calls go with the hints that they came with. */
  readonly hints?: HintSource;
  readonly logger: OutboxLogger;
  readonly metrics?: OutboxMetrics;
  /** Told which operations have come to their end, after it is committed. */
  readonly onSettled?: (operationIds: readonly string[], fates: readonly Fate[]) => void;
  readonly settings?: Partial<OutboxSettings>;
}

/** What the parts of the outbox share. */
export interface OutboxContext extends OutboxOptions {
  readonly chainId: bigint;
  /** One at a time signs with a key: the relayer sends in two lanes. */
  readonly turns: Turns;
  readonly facts: ChainFacts;
  readonly witness: Witness;
  readonly settings: OutboxSettings;
  readonly metrics: OutboxMetrics;
  readonly onSettled: (operationIds: readonly string[], fates: readonly Fate[]) => void;
  readonly settlements: Settlements;
  /** Aborts when the outbox stops. */
  readonly signal: AbortSignal;
}

/** Trades are their own operations; everything else is in `operations`. */
export function storeOf({ db, settlements }: OutboxContext, lane: Lane): LaneStore {
  return lane === "settlement" ? settlements : operationStore(db);
}

/** How long, in milliseconds, one wait for the read model takes at most before it is seen whether the outbox stops. */
const PATIENCE = 1_000;

/** The outbox stops: what waits gives up, and the next start goes on. */
export class OutboxStoppedError extends Error {
  constructor() {
    super("The outbox stops");
    this.name = "OutboxStoppedError";
  }
}

/**
 * Resolves once the read model knows the block, however long the chain or the database are away.
 * @throws OutboxStoppedError
 */
export async function untilApplied({ projector, signal }: OutboxContext, block: bigint): Promise<void> {
  while (!(await projector.waitForBlock(block, PATIENCE))) {
    if (signal.aborted) throw new OutboxStoppedError();
  }
}
