import { accessLogRoutes } from "./access-log/routes.js";
import { createAccessLog } from "./access-log/service.js";
import { certificateRoutes } from "./certificates/routes.js";
import { createCertificates } from "./certificates/service.js";
import type { Connection } from "./chain/connection.js";
import type { LedgerAddresses } from "./chain/events.js";
import type { DeploymentManifest } from "./chain/manifest.js";
import type { Signer, Signers } from "./chain/signers.js";
import type { Db } from "./db/connection.js";
import { exportRoutes } from "./exports/routes.js";
import { createExports } from "./exports/service.js";
import { asOfRoutes } from "./history/as-of-routes.js";
import { createDirectory } from "./history/names.js";
import { pastExportRoutes } from "./history/past-export-routes.js";
import { pastRoutes } from "./history/past-routes.js";
import { createPast } from "./history/past-service.js";
import { historyRoutes } from "./history/routes.js";
import { createHistory } from "./history/service.js";
import type { Route } from "./http/route.js";
import type { Projector } from "./ledger/projector.js";
import type { Logger } from "./logger.js";
import { personalDataRoutes } from "./personal-data/routes.js";
import { createPersonalData } from "./personal-data/service.js";
import type { PrivilegedRead } from "./principal.js";
import { createProving } from "./proofs/compose.js";
import { proofRoutes } from "./proofs/routes.js";
import { reportRoutes } from "./reports/routes.js";
import { createReports } from "./reports/service.js";

/** When the next checkpoint is due: after so many blocks, or so many seconds after the last one when there are new blocks. */
export interface CheckpointSettings {
  readonly blocks: number;
  readonly seconds: number;
}

export const DEFAULT_CHECKPOINTS: CheckpointSettings = { blocks: 100, seconds: 60 };

/** What the features of looking back and of proving share. */
export interface AuditingDeps {
  readonly db: Db;
  readonly connection: Connection;
  readonly manifest: DeploymentManifest;
  readonly contracts: LedgerAddresses;
  readonly projector: Projector;
  readonly signers: Signers;
  /** Signs manifests of exports, and certificates. */
  readonly service: Signer;
  readonly logger: Logger;
  readonly checkpoints?: CheckpointSettings;
}

export interface Auditing {
  readonly routes: readonly Route[];
  /** Writes down a privileged read before it is answered. */
  recordRead(read: PrivilegedRead): Promise<void>;
  /** Begins what runs by itself. */
  start(): void;
  stop(): Promise<void>;
}

/** History, exports, proofs, certificates, personal data, reports and the access log, wired. */
export function createAuditing(deps: AuditingDeps): Auditing {
  const accessLog = createAccessLog(deps.db);
  const proving = createProving({ ...deps, checkpoints: deps.checkpoints ?? DEFAULT_CHECKPOINTS });
  const certificates = createCertificates({
    db: deps.db,
    pack: (id) => proving.proofs.retirementPack(id),
    service: deps.service,
    chainId: deps.manifest.chainId,
    contract: deps.contracts.Retirements,
    origin: originOf(deps.manifest),
  });
  const exports = createExports({
    ...deps,
    domain: { chainId: deps.manifest.chainId, contract: deps.contracts.Retirements.toLowerCase() },
  });
  const directory = createDirectory(deps.db, () => deps.projector.position());
  const history = createHistory({ db: deps.db, directory });
  const past = createPast({ db: deps.db, directory, exchange: deps.contracts.Exchange });
  const reports = createReports({
    db: deps.db,
    chainId: deps.manifest.chainId,
    registry: deps.contracts.Registry,
    origin: originOf(deps.manifest),
  });
  return {
    routes: [
      ...historyRoutes({ history, exports }),
      ...exportRoutes(exports),
      ...asOfRoutes(past),
      ...pastRoutes(past),
      ...pastExportRoutes({ past, exports }),
      ...proofRoutes(proving),
      ...certificateRoutes(certificates),
      ...personalDataRoutes(createPersonalData(deps.db)),
      ...reportRoutes(reports),
      ...accessLogRoutes(accessLog),
    ],
    recordRead: (read) => accessLog.record(read),
    start() {
      exports.start();
      proving.checkpoints.start();
    },
    async stop() {
      await exports.stop();
      await proving.checkpoints.stop();
    },
  };
}

/** Where the world reaches the service, without a slash at its end: as the contract of certificates says it. */
export function originOf({ settings }: DeploymentManifest): string {
  return settings.certificateBaseUri.replace(/\/v1\/certificates\/$/, "").replace(/\/+$/, "");
}
