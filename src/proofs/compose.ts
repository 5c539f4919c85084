import type { Connection } from "../chain/connection.js";
import type { LedgerAddresses } from "../chain/events.js";
import { firstBlockOf, type DeploymentManifest } from "../chain/manifest.js";
import type { Signer, Signers } from "../chain/signers.js";
import type { Db } from "../db/connection.js";
import { findAccount } from "../ledger/read/participants.js";
import type { Logger } from "../logger.js";
import { mayReadParticipant, type Principal } from "../principal.js";
import { verifyFile } from "../verify/verify.js";
import { createCheckpoints, type Checkpoints } from "./checkpoints.js";
import { createProofNode } from "./node.js";
import { qbftBlockHash, validatorsOf } from "./qbft.js";
import { createProofs, type Proofs } from "./service.js";

export interface ProvingDeps {
  readonly db: Db;
  readonly connection: Pick<Connection, "request">;
  readonly manifest: DeploymentManifest;
  readonly contracts: LedgerAddresses;
  readonly signers: Signers;
  /** Its address goes into the trust file. */
  readonly service: Pick<Signer, "address">;
  readonly logger: Pick<Logger, "warn" | "error">;
  /** When checkpoints are due. */
  readonly checkpoints: { readonly blocks: number; readonly seconds: number };
}

export interface Proving {
  readonly proofs: Proofs;
  readonly checkpoints: Checkpoints;
  /** True when the account is the principal's own, or the principal may read everybody's. */
  mayReadAccount(principal: Principal, account: string): Promise<boolean>;
}

/** Checkpoints and proof packs of one ledger. */
export function createProving(deps: ProvingDeps): Proving {
  const { db, connection, manifest, contracts, signers, logger } = deps;
  const node = createProofNode(connection.request, contracts.Retirements, qbftBlockHash);
  const deployedAtBlock = BigInt(firstBlockOf(manifest));
  const checkpoints = createCheckpoints({
    db,
    node,
    signers,
    domain: { chainId: manifest.chainId, contract: contracts.Retirements.toLowerCase() },
    deployedAtBlock,
    ...deps.checkpoints,
    logger,
  });
  const proofs = createProofs({
    db,
    node,
    checkpoints,
    facts: {
      chainId: manifest.chainId,
      retirements: contracts.Retirements,
      units: contracts.Units,
      service: deps.service.address,
    },
    deployedAtBlock,
    verify: verifyFile,
    validatorsOf,
    logger,
  });
  return {
    proofs,
    checkpoints,
    async mayReadAccount(principal, account) {
      const found = await findAccount(db, account);
      return mayReadParticipant(principal, found?.participantId ?? null);
    },
  };
}
