import type { Logger } from "./logger.js";

/** Does something again and again: one run at a time, and what failed is tried again by the next. */
export interface Sweeper {
  start(): void;
  /** Ends after the run under way. */
  stop(): Promise<void>;
}

export interface SweeperOptions {
  /** For the log: what is done. */
  readonly name: string;
  readonly everyMs: number;
  readonly run: () => Promise<void>;
  readonly logger: Pick<Logger, "warn">;
}

export function createSweeper({ name, everyMs, run, logger }: SweeperOptions): Sweeper {
  let timer: NodeJS.Timeout | null = null;
  let underWay: Promise<void> | null = null;

  function sweep(): void {
    underWay ??= run()
      .catch((error: unknown) => logger.warn({ err: error, sweep: name }, "A sweep failed; it will be tried again"))
      .finally(() => (underWay = null));
  }

  return {
    start() {
      timer ??= setInterval(sweep, everyMs).unref();
    },
    async stop() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      await underWay;
    },
  };
}
