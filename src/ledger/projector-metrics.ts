import { Counter, Gauge, Registry } from "prom-client";

/** What the projector tells `/metrics`. */
export function projectorMetrics(registry: Registry = new Registry()) {
  const registers = [registry];
  const position = new Gauge({ name: "ledger_projector_block", help: "Last block in the read model.", registers });
  const lag = new Gauge({
    name: "ledger_projector_lag_blocks",
    help: "Final blocks not yet in the read model.",
    registers,
  });
  const events = new Counter({
    name: "ledger_projector_events_total",
    help: "Events applied to the read model.",
    registers,
  });
  const reorganisations = new Counter({
    name: "ledger_reorganisations_total",
    help: "Times the read model went back because the chain was reorganised.",
    registers,
  });
  return {
    setPosition(block: bigint, lagBlocks: bigint): void {
      position.set(Number(block));
      lag.set(Number(lagBlocks));
    },
    countEvents: (count: number): void => events.inc(count),
    countReorganisation: (): void => reorganisations.inc(),
  };
}
