import { Counter, Gauge, Histogram, Registry } from "prom-client";

export interface OutboxMetrics {
  /** Operations that are accepted and in no transaction yet, per lane kind. */
  readonly queued: Gauge<"lane">;
  /** Age of the oldest of them, in seconds. */
  readonly oldestSeconds: Gauge<"lane">;
  /** Transactions that are signed and whose fate is open. */
  readonly inFlight: Gauge<"lane">;
  readonly sent: Counter<"lane">;
  readonly resent: Counter<"lane">;
  readonly superseded: Counter<"lane">;
  readonly final: Counter<"lane">;
  readonly rejected: Counter<"lane">;
  readonly batchSize: Histogram;
}

/** Registers the outbox's metrics. Labels carry the kind of lane, never an address: their number must stay bounded. */
export function createOutboxMetrics(registry: Registry = new Registry()): OutboxMetrics {
  const common = { labelNames: ["lane"] as const, registers: [registry] };
  const named = (name: string, help: string) => ({ name: `ledger_outbox_${name}`, help, ...common });
  return {
    queued: new Gauge(named("queued", "Operations accepted and not yet in a transaction")),
    oldestSeconds: new Gauge(named("oldest_seconds", "Age of the oldest operation not yet in a transaction")),
    inFlight: new Gauge(named("in_flight", "Transactions signed whose fate is open")),
    sent: new Counter(named("sent_total", "Transactions broadcast for the first time")),
    resent: new Counter(named("resent_total", "Transactions broadcast again")),
    superseded: new Counter(named("superseded_total", "Transactions whose nonce another one took")),
    final: new Counter(named("final_total", "Operations that became final")),
    rejected: new Counter(named("rejected_total", "Operations that were rejected")),
    batchSize: new Histogram({
      name: "ledger_outbox_batch_size",
      help: "Intents per transaction",
      buckets: [1, 2, 5, 10, 20, 50, 100],
      registers: [registry],
    }),
  };
}

/** The label of a lane. */
export function laneKind(lane: string): string {
  return lane.split(":", 1)[0] ?? lane;
}
