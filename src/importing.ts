import type { LedgerAddresses } from "./chain/events.js";
import { intentDomain } from "./chain/intents.js";
import type { DeploymentManifest } from "./chain/manifest.js";
import { createRegistryCalls } from "./chain/registry-calls.js";
import type { Signers } from "./chain/signers.js";
import { statementDomain } from "./chain/statement.js";
import type { Db } from "./db/connection.js";
import { createImports, type Imports } from "./imports/service.js";
import type { Institution } from "./institution.js";
import type { Logger } from "./logger.js";
import type { Operations } from "./operations/service.js";

export type { Imports } from "./imports/service.js";

export interface ImportingDeps {
  readonly db: Db;
  readonly manifest: DeploymentManifest;
  readonly contracts: LedgerAddresses;
  readonly operations: Operations;
  readonly institution: Institution;
  readonly signers: Signers;
  /** Address of the relayer. */
  readonly relayer: string;
  readonly logger: Logger;
}

/** Imports of other registries' files, wired. */
export function createImporting({ manifest, contracts, ...deps }: ImportingDeps): Imports {
  const chainId = BigInt(manifest.chainId);
  return createImports({
    ...deps,
    calls: createRegistryCalls(contracts),
    statements: statementDomain(chainId, contracts.Registry),
    intents: intentDomain(chainId, contracts.Intents),
  });
}
