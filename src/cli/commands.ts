import { registerAccounts } from "./accounts.js";
import { registerApiKeys } from "./api-keys.js";
import { registerAuctions } from "./auctions.js";
import { registerAudit } from "./audit.js";
import { registerBatches } from "./batches.js";
import { registerCash } from "./cash.js";
import { registerCertificate } from "./certificate.js";
import { registerChain } from "./chain.js";
import { registerCheckpoints } from "./checkpoints.js";
import { registerCompletion } from "./completion.js";
import { registerDeals } from "./deals.js";
import {
  registerForcedTransfer,
  registerFreeze,
  registerPause,
  registerScheduled,
  registerUnfreeze,
  registerUnpause,
} from "./enforcement.js";
import { registerExport } from "./export.js";
import { registerFee } from "./fee.js";
import { registerHistory } from "./history.js";
import { registerHoldings } from "./holdings.js";
import { registerImport, registerImports } from "./import.js";
import { registerInstruments } from "./instruments.js";
import type { Register } from "./io.js";
import { registerIssuances } from "./issuances.js";
import { registerKeys } from "./keys.js";
import { registerBook, registerTrades } from "./market.js";
import { registerOperations } from "./operations.js";
import { registerOrders } from "./orders.js";
import { registerParticipants } from "./participants.js";
import { registerPeople } from "./people.js";
import { registerPositions, registerWithdraw } from "./positions.js";
import { registerProfiles } from "./profiles.js";
import { registerProjects } from "./projects.js";
import { registerProof } from "./proof.js";
import { registerReport } from "./report.js";
import { registerStatements } from "./statements.js";
import { registerStatus } from "./status.js";
import { registerTrust } from "./trust.js";
import { registerCancel, registerRetire, registerRevoke, registerTransfer } from "./units.js";
import { registerVerify } from "./verify.js";
import { registerWatch } from "./watch.js";
import { registerWebhooks } from "./webhooks.js";

/** A heading of `carbon --help`, and what stands under it. */
export interface CommandGroup {
  readonly heading: string;
  readonly commands: readonly Register[];
}

/** Every command, in the order of `carbon --help`: each file of this directory that has one exports its `register`. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  {
    heading: "To begin:",
    commands: [registerProfiles, registerKeys, registerStatus, registerChain, registerCompletion],
  },
  {
    heading: "Units:",
    commands: [
      ...[registerHoldings, registerTransfer, registerRetire, registerCancel, registerRevoke, registerPeople],
      ...[registerAccounts, registerOperations, registerWebhooks],
    ],
  },
  {
    heading: "Trading:",
    commands: [
      ...[registerInstruments, registerBook, registerWatch, registerOrders, registerTrades, registerDeals],
      ...[registerAuctions, registerPositions, registerWithdraw, registerCash, registerFee],
    ],
  },
  {
    heading: "Registry:",
    commands: [
      ...[registerParticipants, registerProjects, registerStatements, registerIssuances, registerBatches],
      ...[registerImport, registerImports, registerApiKeys],
    ],
  },
  {
    heading: "Oversight:",
    commands: [
      ...[registerFreeze, registerUnfreeze, registerForcedTransfer, registerScheduled, registerPause, registerUnpause],
    ],
  },
  {
    heading: "Audit:",
    commands: [
      ...[registerHistory, registerCertificate, registerVerify, registerAudit, registerProof, registerTrust],
      ...[registerCheckpoints, registerExport, registerReport],
    ],
  },
];
