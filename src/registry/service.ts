import type { Connection } from "../chain/connection.js";
import type { LedgerAddresses } from "../chain/events.js";
import { createRegistryCalls } from "../chain/registry-calls.js";
import type { Signers } from "../chain/signers.js";
import { statementDomain } from "../chain/statement.js";
import type { Db } from "../db/connection.js";
import type { Institution } from "../institution.js";
import type { Operations } from "../operations/service.js";
import { createBatches, type Batches } from "./batch-service.js";
import { createBufferAccount, type BufferAccount } from "./buffer-service.js";
import { createIssuances, type Issuances } from "./issuance-service.js";
import { createProjects, type Projects } from "./project-service.js";
import { createStatements, type Statements } from "./statement-service.js";

export interface RegistryDeps {
  readonly db: Db;
  readonly operations: Pick<Operations, "accept" | "get">;
  readonly institution: Institution;
  readonly signers: Pick<Signers, "signerOf">;
  readonly connection: Pick<Connection, "getCode" | "call">;
  readonly addresses: Pick<LedgerAddresses, "AccessManager" | "Registry" | "Units">;
  readonly chainId: bigint;
  /** Address of the relayer, who delivers verification statements. */
  readonly relayer: string;
}

/** What exists: projects, what verifiers say about them, what is issued on that. */
export interface RegistryService {
  readonly projects: Projects;
  readonly statements: Statements;
  readonly issuances: Issuances;
  readonly batches: Batches;
  readonly bufferAccount: BufferAccount;
}

export function createRegistry(deps: RegistryDeps): RegistryService {
  const { addresses, chainId, ...shared } = deps;
  const parts = { ...shared, calls: createRegistryCalls(addresses) };
  const domain = statementDomain(chainId, addresses.Registry);
  return {
    projects: createProjects(parts),
    statements: createStatements({ ...parts, domain }),
    issuances: createIssuances(parts),
    batches: createBatches(parts),
    bufferAccount: createBufferAccount(parts),
  };
}
