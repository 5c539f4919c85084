import type { Express } from "express";
import { Registry } from "prom-client";
import { createApiKeys, type ApiKeys } from "./api-keys/service.js";
import { createAuditing, type Auditing, type CheckpointSettings } from "./auditing.js";
import type { Connection } from "./chain/connection.js";
import { createLedgerReader } from "./chain/ledger-reader.js";
import { eventSources, firstBlockOf, type DeploymentManifest } from "./chain/manifest.js";
import { createOutboxMetrics } from "./chain/outbox/metrics.js";
import { createOutbox, type Outbox } from "./chain/outbox/outbox.js";
import type { OutboxSettings } from "./chain/outbox/ports.js";
import type { Signer, Signers } from "./chain/signers.js";
import { createChainSource } from "./chain/source.js";
import type { OpenDatabase } from "./db/connection.js";
import { Problem } from "./errors.js";
import { createRoutes, TAGS } from "./features.js";
import { createApp, type AppDeps } from "./http/app.js";
import type { HealthCheck } from "./http/health.js";
import { createImporting, type Imports } from "./importing.js";
import { createInstitution } from "./institution.js";
import { createProjector, type Projector } from "./ledger/projector.js";
import { createReconciler, type Reconciler } from "./ledger/reconciler.js";
import { foreignBlockBefore, statementIdBefore } from "./ledger/read/registry.js";
import type { Logger } from "./logger.js";
import type { RecoverOrderSigner } from "./market/intake.js";
import type { Clock } from "./market/ports.js";
import { createMarkets, type Markets } from "./markets.js";
import { createNotifications, type Notifications, type WebhookSettings } from "./notifying.js";
import { createOperations, type Operations } from "./operations/service.js";
import { VERSION } from "./version.js";

/** What a service is made of. All of it is open; the service closes none of it. */
export interface ServiceDeps {
  readonly database: OpenDatabase;
  readonly connection: Connection;
  readonly manifest: DeploymentManifest;
  readonly signers: Signers;
  /** Pays for intents and relays them. */
  readonly relayer: Signer;
  /** Signs what the service itself hands out. It has no right on the chain. */
  readonly service: Signer;
  /** When checkpoints are made; as `.env.example` says when left out. */
  readonly checkpoints?: CheckpointSettings;
  /** Where webhooks may go, and when they are tried again; the public internet and the usual when left out. */
  readonly webhooks?: WebhookSettings;
  readonly logger: Logger;
  /** What must be well besides the service's own parts, as the embedded node. */
  readonly checks?: readonly HealthCheck[];
  readonly confirmations?: bigint;
  /** For people: which network this is. */
  readonly networkName?: string;
  readonly outbox?: Partial<OutboxSettings>;
  /** What the markets take for now. */
  readonly clock?: Clock;
  /** How orders' signatures are checked; native code when left out. */
  readonly recoverOrderSigner?: RecoverOrderSigner | undefined;
  readonly http?: Pick<AppDeps, "checkAnswers" | "maxInFlight">;
}

export interface Service {
  readonly app: Express;
  readonly apiKeys: ApiKeys;
  readonly projector: Projector;
  readonly reconciler: Reconciler;
  /** Begins to follow the chain and to send. */
  start(): void;
  /** Nobody waits any longer and nothing new is taken; resolves when projector and outbox rest. */
  stop(): Promise<void>;
}

/** How long a read waits for `minBlock`, in milliseconds. */
const MIN_BLOCK_PATIENCE = 10_000;

/** The service, wired: the same in the process and in the tests. */
export function createService(deps: ServiceDeps): Service {
  const registry = new Registry();
  const shutdown = new AbortController();
  const core = createCore(deps, registry);
  const { projector, outbox, reconciler, markets, apiKeys, auditing, imports, notifications } = core;

  const app = createApp({
    routes: createRoutes(deps, core),
    info: { version: VERSION, tags: TAGS },
    logger: deps.logger,
    registry,
    findKey: (token) => apiKeys.find(token),
    checks: [...(deps.checks ?? []), ...checksOf(deps, projector)],
    waitForBlock: (number) => waitBriefly(projector, number),
    recordRead: auditing.recordRead,
    shutdown: shutdown.signal,
    ...deps.http,
  });

  return {
    app,
    apiKeys,
    projector,
    reconciler,
    start() {
      projector.start();
      outbox.start();
      markets.start();
      reconciler.start();
      auditing.start();
      imports.start();
      notifications.start();
    },
    async stop() {
      shutdown.abort();
      await notifications.stop();
      await imports.stop();
      await auditing.stop();
      await reconciler.stop();
      await markets.stop();
      await outbox.stop();
      await projector.stop();
    },
  };
}

/** What the features rest on, and what runs by itself. */
function createCore(deps: ServiceDeps, registry: Registry) {
  const { connection, manifest, signers, relayer, logger } = deps;
  const { db } = deps.database;
  const contracts = eventSources(manifest);

  const projector = createProjector({
    db,
    source: createChainSource(connection),
    contracts,
    deployedAtBlock: BigInt(firstBlockOf(manifest)),
    confirmations: deps.confirmations ?? 0n,
    logger,
    registry,
  });
  const notifications: Notifications = createNotifications({
    db,
    logger,
    service: deps.service,
    webhooks: deps.webhooks,
  });
  const operations: Operations = createOperations({ db, kick: (lane) => outbox.kick(lane) });
  const outbox: Outbox = createOutbox({
    db,
    connection,
    addresses: contracts,
    relayer,
    signers,
    projector,
    hints: {
      previousStatement: (project, periodStart) => statementIdBefore(db, project, periodStart),
      previousForeignBlock: (programme, series, start) => foreignBlockBefore(db, programme, series, start),
    },
    logger,
    metrics: createOutboxMetrics(registry),
    onSettled: (ids, fates) => {
      markets.settled(fates);
      operations.settled(ids);
      notifications.poke();
    },
    ...(deps.outbox === undefined ? {} : { settings: deps.outbox }),
  });
  const reader = createLedgerReader(connection.provider, contracts);
  const reconciler = createReconciler({ db, reader, logger, registry });
  const institution = createInstitution({ operations, signers });

  const markets: Markets = createMarkets({
    db,
    connection,
    manifest,
    contracts,
    signers,
    projector,
    operations,
    institution,
    logger,
    offer: (trades) => outbox.offer(trades),
    recoverOrderSigner: deps.recoverOrderSigner,
    ...(deps.clock === undefined ? {} : { clock: deps.clock }),
  });

  const auditing: Auditing = createAuditing({
    db,
    connection,
    manifest,
    contracts,
    projector,
    signers,
    service: deps.service,
    logger,
    ...(deps.checkpoints === undefined ? {} : { checkpoints: deps.checkpoints }),
  });
  const imports: Imports = createImporting({
    db,
    manifest,
    contracts,
    operations,
    institution,
    signers,
    relayer: relayer.address,
    logger,
  });
  const apiKeys = createApiKeys(db);

  return {
    contracts,
    projector,
    operations,
    outbox,
    reconciler,
    institution,
    markets,
    auditing,
    imports,
    notifications,
    apiKeys,
  };
}

function checksOf({ database, connection, manifest }: ServiceDeps, projector: Projector): HealthCheck[] {
  return [
    {
      name: "database",
      async waitsFor() {
        await database.ping();
        return undefined;
      },
    },
    {
      name: "chain",
      async waitsFor() {
        // The chain id is asked once and known from then on: it does not tell whether the node is there now.
        const [chainId] = await Promise.all([connection.chainId(), connection.blockNumber()]);
        return chainId.toString() === manifest.chainId ? undefined : `chain ${manifest.chainId}; this is ${chainId}`;
      },
    },
    {
      name: "read model",
      async waitsFor() {
        const { state, lag, problem } = projector.status();
        if (state !== "following") return problem ?? `the projector, which is ${state}`;
        if (lag === null) return "the first look at the chain";
        return lag > MAX_LAG ? `${lag} blocks to be applied` : undefined;
      },
    },
  ];
}

/** Blocks that the read model may be behind and still count as ready: they are applied within a moment. */
const MAX_LAG = 16n;

async function waitBriefly(projector: Projector, number: bigint): Promise<void> {
  if (await projector.waitForBlock(number, MIN_BLOCK_PATIENCE)) return;
  const { position } = projector.status();
  const known = position === null ? "no block yet" : `block ${position.blockNumber}`;
  throw new Problem("read-model-behind", `Asked for block ${number}, the read model knows ${known}.`);
}
