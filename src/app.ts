import type { Express } from "express";
import { Registry } from "prom-client";
import { apiKeyRoutes } from "./api-keys/routes.js";
import { createApiKeys, type ApiKeys } from "./api-keys/service.js";
import { chainInfoRoutes } from "./chain-info/routes.js";
import { createChainInfo } from "./chain-info/service.js";
import type { Connection } from "./chain/connection.js";
import { intentDomain } from "./chain/intents.js";
import { createLedgerReader } from "./chain/ledger-reader.js";
import { eventSources, firstBlockOf, type DeploymentManifest } from "./chain/manifest.js";
import { createOutboxMetrics } from "./chain/outbox/metrics.js";
import { createOutbox, type Outbox } from "./chain/outbox/outbox.js";
import type { OutboxSettings } from "./chain/outbox/ports.js";
import type { Signer, Signers } from "./chain/signers.js";
import { createChainSource } from "./chain/source.js";
import { createParticipantsCalls } from "./chain/participants-calls.js";
import { createUnitsCalls } from "./chain/units-calls.js";
import type { OpenDatabase } from "./db/connection.js";
import { Problem } from "./errors.js";
import { eventRoutes } from "./events/routes.js";
import { createEvents } from "./events/service.js";
import { createApp, type AppDeps } from "./http/app.js";
import type { HealthCheck } from "./http/health.js";
import type { Route } from "./http/route.js";
import { createIntents } from "./intents/service.js";
import { createInstitution } from "./institution.js";
import { createProjector, type Projector } from "./ledger/projector.js";
import { createReconciler, type Reconciler } from "./ledger/reconciler.js";
import { foreignBlockBefore, statementIdBefore } from "./ledger/read/registry.js";
import type { Logger } from "./logger.js";
import { operationRoutes } from "./operations/routes.js";
import { createOperations, type Operations } from "./operations/service.js";
import { participantRoutes } from "./participants/routes.js";
import { createParticipants } from "./participants/service.js";
import { registryRoutes } from "./registry/routes.js";
import { createRegistry } from "./registry/service.js";
import { retirementRoutes } from "./retirements/routes.js";
import { createRetirements } from "./retirements/service.js";
import { transferRoutes } from "./transfers/routes.js";
import { createTransfers } from "./transfers/service.js";
import { transactionRoutes } from "./transactions/routes.js";
import { createTransactions } from "./transactions/service.js";
import { VERSION } from "./version.js";

/** What a service is made of. All of it is open; the service closes none of it. */
export interface ServiceDeps {
  readonly database: OpenDatabase;
  readonly connection: Connection;
  readonly manifest: DeploymentManifest;
  readonly signers: Signers;
  /** Pays for intents and relays them. */
  readonly relayer: Signer;
  readonly logger: Logger;
  /** What must be well besides the service's own parts, as the embedded node. */
  readonly checks?: readonly HealthCheck[];
  readonly confirmations?: bigint;
  /** For people: which network this is. */
  readonly networkName?: string;
  readonly outbox?: Partial<OutboxSettings>;
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
  const { database, connection, manifest, signers, relayer, logger } = deps;
  const { db } = database;
  const registry = new Registry();
  const shutdown = new AbortController();
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
    onSettled: (ids) => operations.settled(ids),
    ...(deps.outbox === undefined ? {} : { settings: deps.outbox }),
  });
  const apiKeys = createApiKeys(db);

  const reconciler = createReconciler({
    db,
    reader: createLedgerReader(connection.provider, contracts),
    logger,
    registry,
  });

  const institution = createInstitution({ operations, signers });
  const participants = createParticipants({ db, calls: createParticipantsCalls(contracts), institution, signers });

  const chainId = BigInt(manifest.chainId);
  const carbonRegistry = createRegistry({
    db,
    operations,
    institution,
    signers,
    connection,
    addresses: contracts,
    chainId,
    relayer: relayer.address,
  });
  const domain = intentDomain(chainId, contracts.Intents);
  const intents = createIntents({ db, operations, signers, connection, domain });
  const transfers = createTransfers({ db, intents, institution, calls: createUnitsCalls(contracts) });
  const retirements = createRetirements({ db, intents });
  const transactions = createTransactions({ db, connection, operations, chainId, contracts: Object.values(contracts) });
  const chainInfo = createChainInfo({
    db,
    connection,
    projector,
    reconciler,
    name: deps.networkName ?? `Chain ${chainId}`,
    chainId,
    genesisHash: manifest.genesisHash,
    contracts,
    confirmations: deps.confirmations ?? 0n,
  });

  const routes: Route[] = [
    ...participantRoutes(participants, operations),
    ...registryRoutes(carbonRegistry, operations),
    ...transferRoutes({ transfers, operations }),
    ...retirementRoutes({ retirements, operations, certificates: contracts.Retirements }),
    ...operationRoutes(operations),
    ...transactionRoutes(transactions, operations),
    ...eventRoutes(createEvents(db)),
    ...chainInfoRoutes(chainInfo),
    ...apiKeyRoutes(apiKeys),
  ];

  const app = createApp({
    routes,
    info: { version: VERSION, tags: TAGS },
    logger,
    registry,
    findKey: (token) => apiKeys.find(token),
    checks: [...(deps.checks ?? []), ...checksOf(deps, projector)],
    waitForBlock: (number) => waitBriefly(projector, number),
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
      reconciler.start();
    },
    async stop() {
      shutdown.abort();
      await reconciler.stop();
      await outbox.stop();
      await projector.stop();
    },
  };
}

/** In the order of the reference. */
const TAGS: Readonly<Record<string, string>> = {
  Participants: "Who may act: legal entities and their accounts.",
  Projects: "What units come from.",
  "Verification statements": "What verifiers say, and sign, about monitoring periods.",
  Issuances: "Units proposed by one registrar and approved by another.",
  Batches: "Units of one project and one vintage: labels, totals, where each tonne is.",
  Holdings: "Who holds which tonnes, and which serials.",
  Transfers: "Units that change hands, by the holder's signature.",
  Retirements: "Units used for good, with a beneficiary and a purpose; their certificates.",
  Cancellations: "Units taken out for another reason than use.",
  Operations: "The fate of everything that was accepted.",
  Transactions: "What went to the chain.",
  Chain: "The chain and the ledger's contracts on it.",
  "API keys": "Who may act through this service.",
  Service: "The service itself.",
};

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
