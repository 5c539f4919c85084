import { Counter, Gauge, Registry } from "prom-client";

import type { Logger } from "../logger.js";
import { reconcile, type Reconciliation, type ReconcileOptions } from "./reconcile.js";

export interface ReconcilerOptions extends ReconcileOptions {
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  readonly registry?: Registry;
  /** Time between two reconciliations, in milliseconds. */
  readonly intervalMs?: number;
}

/** Compares the read model with the chain, from time to time and when asked. */
export interface Reconciler {
  start(): void;
  /** Ends after the reconciliation under way. */
  stop(): Promise<void>;
  /** Compares now. One comparison at a time: a second caller gets the answer of the one under way. */
  run(): Promise<Reconciliation>;
  /** The latest answer. */
  latest(): Reconciliation | null;
}

const TEN_MINUTES_MS = 600_000;
/** Differences told in the log one by one; the rest as a number. */
const DIFFERENCES_LOGGED = 20;

export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { logger, registry = new Registry(), intervalMs = TEN_MINUTES_MS } = options;
  const registers = [registry];
  const differences = new Gauge({
    name: "ledger_reconciliation_differences",
    help: "Facts that the read model and the chain said differently at the last reconciliation.",
    registers,
  });
  const runs = new Counter({
    name: "ledger_reconciliations_total",
    help: "Reconciliations of the read model with the chain.",
    labelNames: ["outcome"],
    registers,
  });
  let timer: NodeJS.Timeout | null = null;
  let underWay: Promise<Reconciliation> | null = null;
  let latest: Reconciliation | null = null;

  async function compare(): Promise<Reconciliation> {
    const result = await reconcile(options);
    latest = result;
    differences.set(result.differences.length);
    runs.inc({ outcome: result.differences.length === 0 ? "equal" : "different" });
    if (result.differences.length > 0) {
      const first = result.differences.slice(0, DIFFERENCES_LOGGED);
      const counts = { blockNumber: result.blockNumber?.toString(), count: result.differences.length };
      logger.error({ ...counts, first }, "The read model differs from the chain");
    }
    return result;
  }

  function run(): Promise<Reconciliation> {
    underWay ??= compare().finally(() => (underWay = null));
    return underWay;
  }

  async function runAndReport(): Promise<void> {
    try {
      const { blockNumber, compared } = await run();
      logger.info({ blockNumber: blockNumber?.toString(), compared }, "The read model was compared with the chain");
    } catch (error) {
      runs.inc({ outcome: "failed" });
      logger.warn({ err: error }, "The read model could not be compared with the chain; it will be tried again");
    }
  }

  return {
    start() {
      timer ??= setInterval(() => void runAndReport(), intervalMs).unref();
    },
    async stop() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      await underWay?.catch(() => undefined);
    },
    run,
    latest: () => latest,
  };
}
