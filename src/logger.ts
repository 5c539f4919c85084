import { pino, type DestinationStream, type Logger } from "pino";
import type { LogLevel } from "./config.js";

export type { Logger } from "pino";

/** Wherever one of these stands in what is logged, its value is not. */
const REDACTED = [
  "password",
  "secret",
  "privateKey",
  "mnemonic",
  "authorization",
  "cookie",
  "databaseUrl",
  "keystorePassword",
  "apiKey",
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/**
 * The one logger: JSON lines on standard output. `info`: what happened, requests and refusals (4xx) among it; `warn`: what heals
 * by itself, as a lost connection; `error`: a person must act.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED, censor: "[redacted]" },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
