import { isDatabaseUnavailable, type Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import type { Logger } from "../logger.js";
import type { MarketCommand } from "./commands.js";
import type { Effects, MarketEngine } from "./engine.js";
import { appendGroup, isAppended, type LogGroup } from "./log.js";
import type { Clock } from "./ports.js";

export interface WriterOptions {
  readonly db: Db;
  readonly engine: MarketEngine;
  readonly clock: Clock;
  readonly logger: Pick<Logger, "warn" | "error">;
  /** What has to be done before anything else at this instant: orders whose time is over leave. */
  readonly due: (at: number) => readonly MarketCommand[];
  /** Called for each command, in order, after it is durable and applied. */
  readonly onEffects: (effects: Effects) => void;
  /** Resolves when there is room for more effects. */
  readonly room: () => Promise<void>;
}

/** The one that writes the log: what passes here is durable first, applied next, acknowledged last. */
export interface CommandWriter {
  /** @returns what the command did. @throws when it could not be made durable */
  submit(command: MarketCommand): Promise<Effects>;
  /** Does what is due although nobody submits anything. */
  tick(): void;
  /** Resolves when all that was submitted is applied; nothing is taken any more. */
  stop(): Promise<void>;
}

interface Pending {
  readonly command: MarketCommand;
  resolve(effects: Effects): void;
  reject(error: unknown): void;
}

/** The most commands in one commit; what arrives meanwhile goes into the next. */
const GROUP_LIMIT = 1_000;
const RETRY_MS = 200;

export function createWriter(options: WriterOptions): CommandWriter {
  const { db, engine, clock, logger, due, onEffects } = options;
  const queue: Pending[] = [];
  let running: Promise<void> | undefined;
  let isTicked = false;
  let isStopped = false;
  /** Set when the log and the engine may have parted: nothing is taken any more, the next start mends it. */
  let failure: unknown;

  async function run(): Promise<void> {
    // All that arrive in this turn of the event loop belong to the first group.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0 || isTicked) {
      isTicked = false;
      await options.room();
      await writeGroup(queue.splice(0, GROUP_LIMIT));
    }
    running = undefined;
  }

  async function writeGroup(pending: readonly Pending[]): Promise<void> {
    const at = clock.now();
    const commands = [...due(at), ...pending.map(({ command }) => command)];
    if (commands.length === 0) return;
    const group: LogGroup = { first: engine.seq + 1, at, commands };
    try {
      if (failure !== undefined) throw unavailable(failure);
      if (!(await makeDurable(group, pending))) return;
      applyGroup(group, pending);
    } catch (error) {
      failure ??= error;
      logger.error(
        { err: error, seq: engine.seq },
        "The markets stopped: a person must act, a start mends what is written",
      );
      for (const { reject } of pending) reject(error instanceof Problem ? error : unavailable(error));
    }
  }

  /**
   * @returns false when the group is not in the log, and everybody knows
   * @throws when another process writes the log
   */
  async function makeDurable(group: LogGroup, pending: readonly Pending[]): Promise<boolean> {
    try {
      await appendGroup(db, group);
      return true;
    } catch (error) {
      logger.warn({ err: error, seq: group.first }, "Whether commands of the markets are durable is not known yet");
      // Who waits is told to come again, and finds the order if it is there after all.
      const answer = isDatabaseUnavailable(error) ? error : unavailable(error);
      for (const { reject } of pending) reject(answer);
    }
    for (;;) {
      try {
        return await isAppended(db, group);
      } catch (error) {
        if (!isDatabaseUnavailable(error) || isStopped) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  function applyGroup({ first, at, commands }: LogGroup, pending: readonly Pending[]): void {
    const done: Effects[] = [];
    for (const [place, command] of commands.entries()) {
      const effects = engine.apply(first + place, at, command);
      onEffects(effects);
      done.push(effects);
    }
    const own = done.slice(done.length - pending.length);
    for (const [place, { resolve }] of pending.entries()) resolve(own[place] as Effects);
  }

  return {
    submit: (command) =>
      new Promise((resolve, reject) => {
        if (isStopped) {
          reject(new Problem("shutting-down"));
          return;
        }
        queue.push({ command, resolve, reject });
        running ??= run();
      }),
    tick() {
      if (isStopped || failure !== undefined) return;
      isTicked = true;
      running ??= run();
    },
    async stop() {
      isStopped = true;
      await running;
    },
  };
}

function unavailable(cause: unknown): Problem {
  return new Problem("market-unavailable", undefined, {}, { cause });
}
