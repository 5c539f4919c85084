import { EmbeddedNodeError } from "./chain/embedded-node/errors.js";
import { ManifestError } from "./chain/manifest.js";
import { ConfigError, EXIT_CONFIG, loadConfig } from "./config.js";
import { DataDirectoryError } from "./data-directory.js";
import { ForeignDatabaseError } from "./db/bind.js";
import { createLogger } from "./logger.js";
import { ProcessLockedError } from "./process-lock.js";
import { startService } from "./start.js";

/** Something that a person must set right before a start can succeed: its message says what. */
const SETTINGS_ERRORS = [
  ConfigError,
  DataDirectoryError,
  ForeignDatabaseError,
  ManifestError,
  ProcessLockedError,
  EmbeddedNodeError,
];

async function main(): Promise<void> {
  const { config, secrets } = loadConfig(process.env);
  const logger = createLogger(config.logLevel);
  const service = await startService({ config, secrets, logger });

  const stopped = Promise.withResolvers<void>();
  const stop = (signal: string): void => {
    logger.info({ signal }, "Stopping");
    service.stop().then(stopped.resolve, stopped.reject);
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    await Promise.race([stopped.promise, service.failed]);
  } catch (error) {
    await service.stop();
    throw error;
  }
}

try {
  await main();
} catch (error) {
  const isExpected = SETTINGS_ERRORS.some((kind) => error instanceof kind);
  process.stderr.write(
    `${isExpected && error instanceof Error ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = isExpected ? EXIT_CONFIG : 1;
}
