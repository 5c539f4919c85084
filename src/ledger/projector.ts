import { EventEmitter } from "node:events";
import { createHash } from "node:crypto";

import type { LedgerEvent } from "../chain/event-types.js";
import { createEventDecoder, UnknownLogError, type LedgerAddresses } from "../chain/events.js";
import type { ChainSource } from "../chain/source.js";
import type { Db } from "../db/connection.js";
import type { Logger } from "../logger.js";
import { ForeignChainError } from "./chain-reader.js";
import { LateIndexes } from "./late-indexes.js";
import { ReadAhead } from "./read-ahead.js";
import { projectorMetrics } from "./projector-metrics.js";
import { FoldError } from "./row-cache.js";
import { RowMemory } from "./row-memory.js";
import { Statistics } from "./statistics.js";
import {
  applyRange,
  ForeignReadModelError,
  readPosition,
  rollBack,
  PositionMovedError,
  type Position,
} from "./store.js";
import type { Registry } from "prom-client";

export interface ProjectorOptions {
  readonly db: Db;
  readonly source: ChainSource;
  /** From the deployment manifest. */
  readonly contracts: LedgerAddresses;
  /** The first block that may hold an event of the contracts. */
  readonly deployedAtBlock: bigint;
  /** Blocks that must stand above a block before it is read; 0 where the engine is final at once. */
  readonly confirmations?: bigint;
  /** How often to look for a new block, in milliseconds; when nothing happens, up to four times as long. */
  readonly intervalMs?: number;
  /** Blocks read and applied at once. */
  readonly blocksPerStep?: bigint;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  readonly registry?: Registry;
}

/** What a step changed: the blocks up to `position` with their events, or, after a reorganisation, a return to `position`. */
export interface Advance {
  readonly kind: "applied" | "rolled-back";
  readonly position: Position;
  readonly events: readonly LedgerEvent[];
}

/** `following`: at work. `retrying`: chain or database do not answer, heals by itself. `failed`: stopped, a person must act. */
export type ProjectorState = "stopped" | "following" | "retrying" | "failed";

export interface ProjectorStatus {
  readonly state: ProjectorState;
  readonly position: Position | null;
  /** The latest block that the chain told of. */
  readonly head: bigint | null;
  /** Blocks that are final and not yet applied. */
  readonly lag: bigint | null;
  /** Why it retries or failed. */
  readonly problem: string | null;
}

/** Keeps the read model in step with the chain. */
export interface Projector {
  /** Begins to follow the chain in the background. */
  start(): void;
  /** Ends after the step under way. */
  stop(): Promise<void>;
  /** Applies all that is final now; for rebuilds and tests. Throws what `start` would log. */
  catchUp(): Promise<Position | null>;
  /** Looks for a new block now rather than at the next interval. */
  poke(): void;
  /** True as soon as the block is applied, false when the time is over first. Looks for the block at once. */
  waitForBlock(number: bigint, timeoutMs: number): Promise<boolean>;
  position(): Position | null;
  status(): ProjectorStatus;
  /** Called after each change is committed. The answer unsubscribes. */
  onAdvance(listener: (advance: Advance) => void): () => void;
}

const BLOCKS_PER_STEP = 500n;
const INTERVAL_MS = 250;
const IDLE_STEPS_BEFORE_SLOWER = 20;
const SLOWER = 4;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;
/** The rest after a step, as a multiple of what it took: the busier it is, the more blocks share a step. */
const REST_PER_STEP = 3;
const LONGEST_REST_MS = 100;
/** A read model that is so many steps behind when it begins does so without the indexes of its readers. */
const STEPS_WITHOUT_INDEXES = 2;

/** Makes a projector; it does nothing until `start` or `catchUp`. */
export function createProjector(options: ProjectorOptions): Projector {
  return new ChainProjector(options);
}

/** Identifies the contracts that a read model is filled from. */
export function deploymentId(contracts: LedgerAddresses): string {
  const text = JSON.stringify(Object.entries(contracts).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash("sha256").update(text.toLowerCase()).digest("hex").slice(0, 32);
}

class ChainProjector implements Projector {
  readonly #options: ProjectorOptions;
  readonly #reader: ReadAhead;
  readonly #indexes: LateIndexes;
  readonly #deployment: string;
  readonly #metrics: ReturnType<typeof projectorMetrics>;
  readonly #statistics: Statistics;
  readonly #memory = new RowMemory();
  readonly #emitter = new EventEmitter<{ advance: [Advance]; wake: [] }>().setMaxListeners(0);
  #state: ProjectorState = "stopped";
  #position: Position | null = null;
  #head: bigint | null = null;
  #problem: string | null = null;
  #running: Promise<void> | null = null;
  #isStopping = false;
  #isPoked = false;
  /** Steps never overlap, whoever asks for them. */
  #step: Promise<unknown> = Promise.resolve();

  constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#deployment = deploymentId(options.contracts);
    this.#metrics = projectorMetrics(options.registry);
    this.#statistics = new Statistics(options.db);
    this.#indexes = new LateIndexes(options.db);
    this.#reader = new ReadAhead({
      source: options.source,
      addresses: Object.values(options.contracts),
      decode: createEventDecoder(options.contracts),
      deployedAtBlock: options.deployedAtBlock,
      confirmations: options.confirmations ?? 0n,
      blocksPerStep: options.blocksPerStep ?? BLOCKS_PER_STEP,
    });
  }

  start(): void {
    if (this.#running !== null) return;
    this.#isStopping = false;
    this.#running = this.#follow().finally(() => (this.#running = null));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.poke();
    await this.#running;
    await this.#step.catch(() => undefined);
    if (this.#state !== "failed") this.#state = "stopped";
  }

  async catchUp(): Promise<Position | null> {
    while (await this.#once());
    return this.#position;
  }

  poke(): void {
    this.#isPoked = true;
    this.#emitter.emit("wake");
  }

  position(): Position | null {
    return this.#position;
  }

  status(): ProjectorStatus {
    const final = this.#head === null ? null : this.#head - (this.#options.confirmations ?? 0n);
    const applied = this.#position?.blockNumber ?? this.#options.deployedAtBlock - 1n;
    const lag = final === null ? null : final > applied ? final - applied : 0n;
    return { state: this.#state, position: this.#position, head: this.#head, lag, problem: this.#problem };
  }

  onAdvance(listener: (advance: Advance) => void): () => void {
    const guarded = (advance: Advance): void => {
      try {
        listener(advance);
      } catch (error) {
        this.#options.logger.error({ err: error }, "A listener of the projector failed");
      }
    };
    this.#emitter.on("advance", guarded);
    return () => this.#emitter.off("advance", guarded);
  }

  async waitForBlock(number: bigint, timeoutMs: number): Promise<boolean> {
    const isApplied = (): boolean => (this.#position?.blockNumber ?? -1n) >= number;
    if (isApplied()) return true;
    return await new Promise((resolve) => {
      const finish = (applied: boolean): void => {
        clearTimeout(timer);
        unsubscribe();
        resolve(applied);
      };
      const timer = setTimeout(() => finish(isApplied()), timeoutMs);
      const unsubscribe = this.onAdvance(() => {
        if (isApplied()) finish(true);
      });
      this.poke();
    });
  }

  async #follow(): Promise<void> {
    this.#state = "following";
    let idleSteps = 0;
    let retryMs = FIRST_RETRY_MS;
    const intervalMs = this.#options.intervalMs ?? INTERVAL_MS;
    while (!this.#isStopping) {
      try {
        this.#isPoked = false;
        const began = performance.now();
        const hasAdvanced = await this.#once();
        if (this.#state === "retrying") this.#options.logger.info({}, "The projector follows the chain again");
        this.#state = "following";
        this.#problem = null;
        retryMs = FIRST_RETRY_MS;
        idleSteps = hasAdvanced ? 0 : idleSteps + 1;
        if (!hasAdvanced) await this.#sleep(idleSteps > IDLE_STEPS_BEFORE_SLOWER ? intervalMs * SLOWER : intervalMs);
        else if (this.#isNearHead())
          await this.#rest(Math.min(REST_PER_STEP * (performance.now() - began), LONGEST_REST_MS));
      } catch (error) {
        this.#problem = error instanceof Error ? error.message : String(error);
        if (needsAPerson(error)) {
          this.#state = "failed";
          this.#options.logger.error(
            { err: error },
            "The projector stopped: the read model no longer follows the chain",
          );
          return;
        }
        this.#state = "retrying";
        this.#options.logger.warn({ err: error, retryMs }, "The projector could not follow the chain and tries again");
        await this.#sleep(retryMs);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
  }

  /** One step; true when there may be more to do. */
  async #once(): Promise<boolean> {
    const step = this.#step.catch(() => undefined).then(() => this.#advance());
    this.#step = step;
    return await step;
  }

  async #advance(): Promise<boolean> {
    const { db } = this.#options;
    const from = await readPosition(db, this.#deployment);
    this.#moveTo(from, []);
    const next = await this.#reader.next(from, async (number) => await storedHash(db, number));
    this.#head = next.head;
    try {
      if (next.kind === "range") {
        const stepsLeft = this.#reader.begin(next);
        if (from === null && stepsLeft >= STEPS_WITHOUT_INDEXES) await this.#indexes.drop();
        const position = await applyRange(db, this.#deployment, from, next.range, this.#memory);
        this.#metrics.countEvents(next.range.events.length);
        this.#moveTo(position, next.range.events);
        const isBehind = stepsLeft > 0;
        if (!isBehind) await this.#indexes.restore();
        await this.#statistics.refresh(next.range.events.length, isBehind);
      } else if (next.kind === "nothing") {
        await this.#indexes.restore();
      } else if (from !== null) {
        await rollBack(db, this.#deployment, from, next.ancestor);
        this.#metrics.countReorganisation();
        const depth = from.blockNumber - next.ancestor.blockNumber;
        this.#options.logger.warn(
          { from, to: next.ancestor, depth },
          "The chain was reorganised; the read model went back",
        );
        this.#position = next.ancestor;
        this.#emitter.emit("advance", { kind: "rolled-back", position: next.ancestor, events: [] });
      }
    } catch (error) {
      // Another process was faster; what it did is read at the next step.
      if (!(error instanceof PositionMovedError)) throw error;
    }
    const { lag } = this.status();
    this.#metrics.setPosition(this.#position?.blockNumber ?? 0n, lag ?? 0n);
    return next.kind !== "nothing";
  }

  #moveTo(position: Position | null, events: readonly LedgerEvent[]): void {
    const isNew = position !== null && position.blockHash !== this.#position?.blockHash;
    this.#position = position;
    if (isNew) this.#emitter.emit("advance", { kind: "applied", position, events });
  }

  #isNearHead(): boolean {
    return (this.status().lag ?? 0n) < (this.#options.blocksPerStep ?? BLOCKS_PER_STEP);
  }

  /** A step of a few blocks costs as much as one of many. Under load they gather meanwhile; without it a step is short, and so is the rest. */
  async #rest(milliseconds: number): Promise<void> {
    if (this.#isStopping) return;
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  async #sleep(milliseconds: number): Promise<void> {
    if (this.#isPoked || this.#isStopping) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#emitter.off("wake", wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      this.#emitter.on("wake", wake);
    });
  }
}

function needsAPerson(error: unknown): boolean {
  return (
    error instanceof FoldError ||
    error instanceof UnknownLogError ||
    error instanceof ForeignChainError ||
    error instanceof ForeignReadModelError
  );
}

async function storedHash(db: Db, number: bigint): Promise<string | null> {
  const row = await db.selectFrom("blocks").select("hash").where("number", "=", number).executeTakeFirst();
  return row?.hash ?? null;
}
