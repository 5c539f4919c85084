import { apiKeyRoutes } from "./api-keys/routes.js";
import type { ApiKeys } from "./api-keys/service.js";
import { createBank } from "./cash/bank-service.js";
import { cashRoutes } from "./cash/routes.js";
import { createCash } from "./cash/service.js";
import { chainInfoRoutes } from "./chain-info/routes.js";
import { createChainInfo } from "./chain-info/service.js";
import type { Auditing } from "./auditing.js";
import { createCashCalls } from "./chain/cash-calls.js";
import type { Connection } from "./chain/connection.js";
import type { LedgerAddresses } from "./chain/events.js";
import { intentDomain } from "./chain/intents.js";
import type { DeploymentManifest } from "./chain/manifest.js";
import { createParticipantsCalls } from "./chain/participants-calls.js";
import type { Signer, Signers } from "./chain/signers.js";
import { createUnitsCalls } from "./chain/units-calls.js";
import type { OpenDatabase } from "./db/connection.js";
import { eventRoutes } from "./events/routes.js";
import { createEvents } from "./events/service.js";
import type { Route } from "./http/route.js";
import type { Imports } from "./importing.js";
import { importRoutes } from "./imports/routes.js";
import type { Institution } from "./institution.js";
import { createIntents } from "./intents/service.js";
import type { Projector } from "./ledger/projector.js";
import type { Reconciler } from "./ledger/reconciler.js";
import type { Markets } from "./markets.js";
import type { Notifications } from "./notifying.js";
import { operationRoutes } from "./operations/routes.js";
import type { Operations } from "./operations/service.js";
import { participantRoutes } from "./participants/routes.js";
import { createParticipants } from "./participants/service.js";
import { registryRoutes } from "./registry/routes.js";
import { createRegistry } from "./registry/service.js";
import { retirementRoutes } from "./retirements/routes.js";
import { createRetirements } from "./retirements/service.js";
import { scheduledOperationRoutes } from "./scheduled-operations/routes.js";
import { createScheduledOperations } from "./scheduled-operations/service.js";
import { signedIntentRoutes } from "./signed-intents/routes.js";
import { transactionRoutes } from "./transactions/routes.js";
import { createTransactions } from "./transactions/service.js";
import { transferRoutes } from "./transfers/routes.js";
import { createTransfers } from "./transfers/service.js";

/** What comes from outside. */
interface Outside {
  readonly database: OpenDatabase;
  readonly connection: Connection;
  readonly manifest: DeploymentManifest;
  readonly signers: Signers;
  readonly relayer: Signer;
  readonly confirmations?: bigint;
  readonly networkName?: string;
}

/** What all features share. */
interface Core {
  readonly contracts: LedgerAddresses;
  readonly projector: Projector;
  readonly operations: Operations;
  readonly reconciler: Reconciler;
  readonly institution: Institution;
  readonly apiKeys: ApiKeys;
  readonly markets: Markets;
  readonly auditing: Auditing;
  readonly imports: Imports;
  readonly notifications: Notifications;
}

/** Every feature, wired, as its routes. */
export function createRoutes(outside: Outside, core: Core): Route[] {
  return [
    ...institutionRoutes(outside, core),
    ...holderRoutes(outside, core),
    ...oversightRoutes(outside, core),
    ...core.notifications.routes,
    ...core.auditing.routes,
    ...importRoutes(core.imports),
  ];
}

/** In the order of the reference. */
export const TAGS: Readonly<Record<string, string>> = {
  Participants: "Who may act: legal entities and their accounts.",
  Projects: "What units come from.",
  "Verification statements": "What verifiers say, and sign, about monitoring periods.",
  Issuances: "Units proposed by one registrar and approved by another.",
  Imports: "Exports of other registries, on their way into the ledger.",
  Batches: "Units of one project and one vintage: labels, totals, where each tonne is.",
  Holdings: "Who holds which tonnes, and which serials.",
  Transfers: "Units that change hands, by the holder's signature.",
  Retirements: "Units used for good, with a beneficiary and a purpose; their certificates.",
  Cancellations: "Units taken out for another reason than use.",
  Cash: "The settlement currency: deposits and redemptions at the bank, transfers, statements.",
  Instruments: "What is traded, and by which rules.",
  "Market data": "What the markets show everybody.",
  Orders: "Orders of the book and of the put-through board, and the trades of firms.",
  "Put-through": "Firm orders that another member selects.",
  Deals: "Trades that two members agreed elsewhere.",
  Auctions: "Sales at one price.",
  Positions: "What firms have on the exchange, and how it leaves.",
  Fees: "What the exchange takes of a trade.",
  "Signed intents": "Many signed intents in one request.",
  "Scheduled operations": "Acts of institutions that wait for the delay of their role.",
  Operations: "The fate of everything that was accepted.",
  Notifications: "What happens to operations, told as it happens.",
  Webhooks: "Receivers that are told what happens to operations.",
  Transactions: "What went to the chain.",
  Chain: "The chain and the ledger's contracts on it.",
  History: "Everything that happened: searched, counted, added up.",
  "As of": "What was so at an earlier block or time.",
  Exports: "Whole histories as files, with a signed manifest.",
  Proofs: "What anybody can check without trusting this service.",
  Checkpoints: "What two institutions attest together about the chain and its retirements.",
  Certificates: "Retirements as documents for people.",
  "Personal data": "Names of natural persons behind commitments, and their erasure.",
  Reports: "The registry in the words of other registries.",
  "Access log": "Who read what is not public.",
  "API keys": "Who may act through this service.",
  Service: "The service itself.",
};

/** What institutions decide: who takes part, what exists. */
function institutionRoutes(outside: Outside, { contracts, operations, institution }: Core): Route[] {
  const { connection, manifest, signers, relayer } = outside;
  const { db } = outside.database;
  const participants = createParticipants({ db, calls: createParticipantsCalls(contracts), institution, signers });
  const registry = createRegistry({
    db,
    operations,
    institution,
    signers,
    connection,
    addresses: contracts,
    chainId: BigInt(manifest.chainId),
    relayer: relayer.address,
  });
  const scheduled = createScheduledOperations({ db, institution, addresses: contracts });
  return [
    ...participantRoutes(participants, operations),
    ...registryRoutes(registry, operations),
    ...scheduledOperationRoutes(scheduled, operations),
  ];
}

/** What holders do with units, and institutions with holdings. */
function holderRoutes(outside: Outside, core: Core): Route[] {
  const { contracts, operations, projector, institution, markets } = core;
  const { departures } = markets;
  const { connection, manifest, signers } = outside;
  const { db } = outside.database;
  const domain = intentDomain(BigInt(manifest.chainId), contracts.Intents);
  const { Exchange: exchange } = contracts;
  const intents = createIntents({ db, operations, projector, signers, connection, domain, exchange, departures });
  const transfers = createTransfers({ db, intents, institution, calls: createUnitsCalls(contracts) });
  const retirements = createRetirements({ db, intents });
  const cash = createCash({ db, intents, exchange });
  const bank = createBank({ db, institution, calls: createCashCalls(contracts) });
  const currency = { ...manifest.settings.currency, contract: contracts.SettlementCash, exchange };
  return [
    ...transferRoutes({ transfers, operations }),
    ...retirementRoutes({ retirements, operations, certificates: contracts.Retirements }),
    ...cashRoutes({ cash, bank, operations, currency }),
    ...markets.routes(intents),
    ...signedIntentRoutes({ transfers, retirements, operations }),
  ];
}

/** What was accepted and what became of it, the chain, and the keys of the service itself. */
function oversightRoutes(outside: Outside, core: Core): Route[] {
  const { connection, manifest } = outside;
  const { contracts, operations, projector, reconciler, apiKeys } = core;
  const { db } = outside.database;
  const chainId = BigInt(manifest.chainId);
  const transactions = createTransactions({ db, connection, operations, chainId, contracts: Object.values(contracts) });
  const chainInfo = createChainInfo({
    db,
    connection,
    projector,
    reconciler,
    name: outside.networkName ?? `Chain ${chainId}`,
    chainId,
    genesisHash: manifest.genesisHash,
    contracts,
    confirmations: outside.confirmations ?? 0n,
  });
  return [
    ...operationRoutes(operations),
    ...transactionRoutes(transactions, operations),
    ...eventRoutes(createEvents(db)),
    ...chainInfoRoutes(chainInfo),
    ...apiKeyRoutes(apiKeys),
  ];
}
