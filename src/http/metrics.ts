import { collectDefaultMetrics, Gauge, Histogram, type Registry } from "prom-client";

export interface HttpMetrics {
  readonly seconds: Histogram<"method" | "route" | "status">;
  readonly inFlight: Gauge;
}

/** HTTP and process metrics in the service's registry; the caller adds those of other parts to the same one. */
export function createHttpMetrics(registry: Registry): HttpMetrics {
  collectDefaultMetrics({ register: registry });
  return {
    seconds: new Histogram({
      name: "http_request_duration_seconds",
      help: "Time from the request's head to the end of the answer, waiting for operations included.",
      labelNames: ["method", "route", "status"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers: [registry],
    }),
    inFlight: new Gauge({
      name: "http_requests_in_flight",
      help: "Requests being answered.",
      registers: [registry],
    }),
  };
}
