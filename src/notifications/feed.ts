import { setTimeout } from "node:timers/promises";

import type { Logger } from "../logger.js";
import { checkKept, type EventLog } from "./event-log.js";
import type { OperationEvent } from "./events.js";

/** Events as they come, for those who listen. */
export interface EventFeed {
  /** Something happened: look now, if anybody listens. Costs nothing otherwise. */
  poke(): void;
  /**
   * Follows the log.
   * @param from Begin after this event; undefined: with the next one that happens.
   * @throws Problem `stream-too-old`
   */
  follow(from: number | undefined): Promise<Following>;
  start(): void;
  stop(): Promise<void>;
}

export interface Following {
  /** The reader has seen everything up to this event. */
  readonly sequence: number;
  /** Calls `listener` with all events in order, each once, until `signal` aborts. */
  listen(listener: EventListener, signal: AbortSignal): void;
}

export interface EventListener {
  /** Events in a row. @returns when the reader can take more of what it has missed; nobody waits for it with what is new. */
  tell(events: readonly OperationEvent[]): Promise<void>;
  /** What was missed cannot be read; the reader must come back. */
  failed(error: unknown): void;
}

export interface EventFeedOptions {
  readonly log: EventLog;
  readonly logger: Logger;
  /** How often, in milliseconds, to look for what nobody announced (another process wrote it) while somebody listens. */
  readonly pollMs: number;
}

/** The shortest time, in milliseconds, between two looks at the log. */
const PACE_MS = 25;

interface Live {
  readonly listener: EventListener;
  readonly signal: AbortSignal;
  /** The last event that the listener read for itself. */
  readonly joinedAt: number;
}

/**
 * One reader of the log serves all who listen in this process. A listener first reads for itself what it missed; when it stands where
 * the common reader stands, it joins.
 */
export function createEventFeed({ log, logger, pollMs }: EventFeedOptions): EventFeed {
  const live = new Set<Live>();
  /** Where the common reader stands; undefined while nobody is with it. */
  let position: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> | undefined;
  let isPoked = false;

  async function look(): Promise<void> {
    await log.number();
    while (position !== undefined && live.size > 0) {
      const { events, last } = await log.after(position);
      if (last === position) break;
      position = last;
      for (const { listener, signal, joinedAt } of live) {
        if (!signal.aborted) void listener.tell(events.filter(({ sequence }) => sequence > joinedAt));
      }
    }
    if (live.size === 0) position = undefined;
  }

  const wantsMore = (): boolean => isPoked;

  async function run(): Promise<void> {
    // All that happen in this turn of the event loop are told together.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (isPoked) {
        isPoked = false;
        await look();
        // Under load much is told at once: the ledger needs the database more than who listens.
        if (wantsMore()) await setTimeout(PACE_MS);
      }
    } catch (error) {
      logger.warn({ err: error }, "The log of operations cannot be read; it will be tried again");
    }
    underWay = undefined;
  }

  function poke(): void {
    if (live.size === 0) return;
    isPoked = true;
    underWay ??= run();
  }

  /** Reads what was missed, then joins: as soon as the common reader is not ahead any more. */
  async function catchUp(from: number, listener: EventListener, signal: AbortSignal): Promise<void> {
    let at = from;
    while (!signal.aborted) {
      const { events, last } = await log.after(at);
      if (last > at) {
        at = last;
        await listener.tell(events);
      } else if (position === undefined || position <= at) {
        position ??= at;
        const entry = { listener, signal, joinedAt: at };
        live.add(entry);
        signal.addEventListener("abort", () => live.delete(entry), { once: true });
        poke();
        return;
      }
    }
  }

  return {
    poke,

    async follow(from) {
      const next = await log.number();
      const sequence = from ?? next - 1;
      checkKept(sequence, await log.bounds());
      return {
        sequence,
        listen(listener, signal) {
          catchUp(sequence, listener, signal).catch((error: unknown) => {
            if (!signal.aborted) listener.failed(error);
          });
        },
      };
    },

    start() {
      timer ??= setInterval(poke, pollMs).unref();
    },

    async stop() {
      clearInterval(timer);
      timer = undefined;
      await underWay;
    },
  };
}
