import { join, resolve } from "node:path";
import { z } from "zod";
import { isNetwork } from "./notifications/addresses.js";

/** The process ends with this code when its settings are wrong (`EX_CONFIG` of sysexits.h). */
export const EXIT_CONFIG = 78;

/** Settings that may be logged. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Absolute path of the directory for the embedded database, the embedded node's journal and the deployment manifest. */
  readonly dataDir: string;
  /** JSON-RPC endpoints in order of preference; empty: the embedded node. They may carry keys: log their hosts only. */
  readonly rpcUrls: readonly string[];
  readonly logLevel: LogLevel;
  /** Port of the embedded node's JSON-RPC endpoint. */
  readonly nodePort: number;
  /** Absolute path of the deployment manifest. */
  readonly manifestPath: string;
  /** Where the world reaches the service, without a slash at its end; unset: its own host and port. */
  readonly publicUrl: string | undefined;
  /** When the next checkpoint is due: after so many blocks, or so many seconds after the last one. */
  readonly checkpoints: { readonly blocks: number; readonly seconds: number };
  /** Networks that webhooks may be sent to although they are not public, as `10.0.0.0/8`. */
  readonly webhooks: { readonly networks: readonly string[] };
}

/** Settings that are never logged. */
export interface Secrets {
  /** Unset: PGlite in the data directory. */
  readonly databaseUrl: string | undefined;
  /** Unset: one is made in the data directory at the first start. */
  readonly keystorePassword: string | undefined;
}

export type LogLevel = (typeof LOG_LEVELS)[number];
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/** Settings that cannot be used, each named with what is wrong. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`These settings cannot be used:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

const port = z
  .string()
  .regex(/^\d{1,5}$/, "must be a port number from 0 to 65535")
  .transform(Number)
  .refine((number) => number <= 65_535, "must be a port number from 0 to 65535");

const count = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, "must be a whole number above 0")
  .transform(Number);

const urlOf = (protocols: RegExp, what: string) =>
  z.string().refine((text) => URL.canParse(text) && protocols.test(new URL(text).protocol), `must be ${what}`);

const networks = z
  .string()
  .transform((text) => text.split(",").map((part) => part.trim()))
  .refine((parts) => parts.every(isNetwork), "must be networks as 10.0.0.0/8, separated by commas");

const rpcUrl = urlOf(/^https?:$/, "http or https URLs, separated by commas");

/** Every key that the service reads; `.env.example` lists the same. */
export const environmentSchema = z.object({
  PORT: port.default(3000),
  HOST: z.string().default("127.0.0.1"),
  DATA_DIR: z.string().default("./data"),
  DATABASE_URL: urlOf(/^postgres(ql)?:$/, "a postgres:// URL").optional(),
  RPC_URL: z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(z.array(rpcUrl))
    .default([]),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`).default("info"),
  KEYSTORE_PASSWORD: z.string().min(12, "must have at least 12 characters").optional(),
  NODE_PORT: port.default(8545),
  MANIFEST: z.string().optional(),
  CHECKPOINT_BLOCKS: count.default(100),
  CHECKPOINT_SECONDS: count.default(60),
  PUBLIC_URL: urlOf(/^https?:$/, "an http or https URL").optional(),
  WEBHOOK_NETWORKS: networks.default([]),
});

/**
 * Parses the environment once. An empty value counts as unset.
 * @throws ConfigError naming every setting that is wrong.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): { config: Config; secrets: Secrets } {
  const given = Object.fromEntries(
    Object.keys(environmentSchema.shape)
      .map((key) => [key, env[key]?.trim()] as const)
      .filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError([
      ...new Set(parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`)),
    ]);
  }
  const values = parsed.data;
  const dataDir = resolve(values.DATA_DIR);
  return {
    config: {
      port: values.PORT,
      host: values.HOST,
      dataDir,
      rpcUrls: values.RPC_URL,
      logLevel: values.LOG_LEVEL,
      nodePort: values.NODE_PORT,
      manifestPath: values.MANIFEST === undefined ? join(dataDir, "deployment.json") : resolve(values.MANIFEST),
      publicUrl: values.PUBLIC_URL?.replace(/\/+$/, ""),
      checkpoints: { blocks: values.CHECKPOINT_BLOCKS, seconds: values.CHECKPOINT_SECONDS },
      webhooks: { networks: values.WEBHOOK_NETWORKS },
    },
    secrets: { databaseUrl: values.DATABASE_URL, keystorePassword: values.KEYSTORE_PASSWORD },
  };
}
