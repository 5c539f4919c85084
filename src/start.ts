import { chmodSync, existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createService, type Service, type ServiceDeps } from "./app.js";
import { createConnection, type Connection } from "./chain/connection.js";
import { chainIdentity } from "./chain/deploy.js";
import { startEmbeddedNode, type EmbeddedNode } from "./chain/embedded-node/start.js";
import { foundLedger, relayerAccount, serviceAccount } from "./chain/founding.js";
import { addressesOf, fileManifestStore, ManifestError, type DeploymentManifest } from "./chain/manifest.js";
import { createSigners, type Signers } from "./chain/signers.js";
import type { Config, Secrets } from "./config.js";
import { claimDataDirectory } from "./data-directory.js";
import { bindDatabase } from "./db/bind.js";
import { openDatabase, type OpenDatabase } from "./db/connection.js";
import { migrateDatabase } from "./db/migrate.js";
import { vacuumWorn } from "./db/vacuum.js";
import { listen } from "./http/server.js";
import { keystorePassword } from "./keystore-password.js";
import type { Logger } from "./logger.js";
import { createSweeper } from "./sweeper.js";

export interface RunningService {
  readonly url: string;
  readonly manifest: DeploymentManifest;
  /** The embedded node's JSON-RPC endpoint; undefined when the chain is elsewhere. */
  readonly nodeUrl: string | undefined;
  /** Where the administrator's first API key was written, readable by its owner only. Who keeps the key may have deleted the file. */
  readonly adminKeyFile: string;
  /** Rejects when something died that the service cannot live without. */
  readonly failed: Promise<never>;
  /** Finishes what is under way, then closes everything, in reverse order. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly logger: Logger;
  /** Told while the embedded node replays its chain. */
  readonly onReplay?: (progress: { readonly replayed: number; readonly total: number }) => void;
  /** Parts in place of the service's own, for measurements. */
  readonly parts?: Pick<ServiceDeps, "recoverOrderSigner">;
  /** Takes a line, for people, about each step. */
  readonly progress?: (line: string) => void;
}

/** How long, in milliseconds, requests under way may take when the service stops. */
const GRACE = 10_000;
const RPC_TIMEOUT = 10_000;
const VACUUM_EVERY = 5_000;
const SCRYPT_N_FOR_RANDOM = 4_096;

/**
 * Brings everything up: database, chain, ledger, service, port.
 * @throws DataDirectoryError, ForeignDatabaseError, ManifestError, ProcessLockedError, EmbeddedNodeError: a person must act
 */
export async function startService(options: StartOptions): Promise<RunningService> {
  const { config, secrets, logger, progress = () => undefined } = options;
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close();
  };
  try {
    claimDataDirectory(config.dataDir);
    // The node is a process of its own and begins at once, on another processor, while this one opens the database.
    const starting = config.rpcUrls.length > 0 ? undefined : embeddedNode(options);
    closers.push(() =>
      starting?.then(
        (node) => node.stop(),
        () => undefined,
      ),
    );
    const database = await openDatabase({
      url: secrets.databaseUrl,
      dataDir: config.dataDir,
      onConnectionError: (error) => logger.warn({ err: error }, "A connection to the database was lost"),
    });
    closers.push(() => database.close());
    const migrations = await migrateDatabase(database.db);
    if (migrations.length > 0) logger.info({ migrations }, "The database was brought up to date");
    if (database.kind === "pglite") {
      const { db } = database;
      const sweeper = createSweeper({ name: "vacuum", everyMs: VACUUM_EVERY, run: () => vacuumWorn(db), logger });
      closers.push(() => sweeper.stop());
      sweeper.start();
    }
    progress(`The database is open (${database.kind === "pglite" ? "PGlite, in the data directory" : "PostgreSQL"})`);

    const node = await starting;
    if (node !== undefined) progress(`The chain serves at ${node.url}, at block ${node.blocks}`);
    const urls = node === undefined ? config.rpcUrls : [node.url];
    const connection = createConnection({ urls, timeoutMs: RPC_TIMEOUT, logger });
    closers.push(() => connection.close());

    const signers = openSigners(options, database);
    const manifest = await ledgerOf(options, { database, connection, signers, isEmbedded: node !== undefined });
    const relayer = await signers.signerOf(await relayerAccount(database.db, signers));
    const signer = await signers.signerOf(await serviceAccount(database.db, signers));
    logger.info({ relayer: relayer.address, chainId: manifest.chainId }, "The ledger is found");

    const service = createService({
      database,
      connection,
      manifest,
      signers,
      relayer,
      service: signer,
      checkpoints: config.checkpoints,
      webhooks: config.webhooks,
      logger,
      ...(node === undefined ? {} : { networkName: "Embedded pilot chain" }),
      ...options.parts,
    });
    progress(`The ledger is at ${addressesOf(manifest).Registry} and its neighbours`);
    const adminKeyFile = await adminKey(service, config.dataDir, logger);
    const server = await listen(service.app, config);
    closers.push(async () => {
      const stopped = service.stop();
      await server.close(GRACE);
      await stopped;
    });
    service.start();
    logger.info({ url: server.url }, "The service listens");
    progress(`The API listens at ${server.url}`);

    return { url: server.url, manifest, nodeUrl: node?.url, adminKeyFile, failed: failureOf(node), stop: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function embeddedNode({ config, logger, onReplay }: StartOptions): Promise<EmbeddedNode> {
  const node = await startEmbeddedNode({
    dataDir: config.dataDir,
    port: config.nodePort,
    logger,
    ...(onReplay === undefined ? {} : { onProgress: onReplay }),
  });
  logger.info({ url: node.url, blocks: node.blocks }, "The embedded node serves");
  return node;
}

function openSigners({ config, secrets, logger }: StartOptions, database: OpenDatabase): Signers {
  const { password, file } = keystorePassword(config.dataDir, secrets.keystorePassword);
  if (file !== undefined) {
    logger.warn(
      { file },
      "KEYSTORE_PASSWORD is not set: the keystores are encrypted with a password kept in this file",
    );
  }
  // The made password is 256 random bits: nobody guesses it, however quick a guess is. One that a person chose must be dear to try.
  return createSigners({ db: database.db, password, ...(file === undefined ? {} : { scryptN: SCRYPT_N_FOR_RANDOM }) });
}

interface Parts {
  readonly database: OpenDatabase;
  readonly connection: Connection;
  readonly signers: Signers;
  readonly isEmbedded: boolean;
}

/** The ledger that this service serves. The database must be its own: this is checked before anything is written to it. */
async function ledgerOf({ config, logger, progress }: StartOptions, parts: Parts): Promise<DeploymentManifest> {
  const { database, connection, signers, isEmbedded } = parts;
  const store = fileManifestStore(config.manifestPath);
  if (isEmbedded) {
    const chain = await chainIdentity(connection.provider);
    await bindDatabase(database.db, { chainId: BigInt(chain.chainId), genesisHash: chain.genesisHash });
    const publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`;
    const manifest = await foundLedger({
      db: database.db,
      signers,
      connection,
      store,
      publicUrl,
      progress: ({ step, phase, position, steps }) => {
        if (phase !== "done") return;
        logger.info({ step, position, steps }, "Deployed");
        progress?.(`Deployed ${step} (${position} of ${steps})`);
      },
    });
    await bind(database, manifest);
    return manifest;
  }
  const manifest = await store.read();
  if (manifest?.complete !== true) {
    throw new ManifestError(
      `There is no finished deployment at ${config.manifestPath}: run "npm run deploy", or set MANIFEST.`,
    );
  }
  await bind(database, manifest);
  return manifest;
}

async function bind(database: OpenDatabase, manifest: DeploymentManifest): Promise<void> {
  await bindDatabase(database.db, {
    chainId: BigInt(manifest.chainId),
    genesisHash: manifest.genesisHash,
    registry: addressesOf(manifest).Registry,
  });
}

/**
 * Without an administrator nobody could make a key: a start that finds none makes one. A draft that is still there says that a start
 * died before it could hand its key over: nobody knows that key, and another is made.
 */
async function adminKey(service: Service, dataDir: string, logger: Logger): Promise<string> {
  const file = join(dataDir, "admin-key");
  const draft = `${file}.draft`;
  if (!existsSync(draft) && (await service.apiKeys.hasAdmin())) return file;
  writeFileSync(draft, "", { mode: 0o600, flush: true });
  const { key } = await service.apiKeys.create({ scope: "admin", label: "First administrator" });
  writeFileSync(draft, `${key}\n`, { mode: 0o600, flush: true });
  chmodSync(draft, 0o600);
  renameSync(draft, file);
  logger.warn({ file }, "The first administrator's API key is in this file: keep it, and delete the file");
  return file;
}

function failureOf(node: EmbeddedNode | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    void node?.onExit.then(({ code, signal, isExpected }) => {
      if (!isExpected) reject(new Error(`The embedded node ended with ${signal ?? `exit code ${code}`}.`));
    });
  });
}
