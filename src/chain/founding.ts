import { Wallet } from "ethers";

import type { Db } from "../db/connection.js";
import type { Connection } from "./connection.js";
import { chainIdentity, deployLedger, type DeploymentProgress } from "./deploy.js";
import { PILOT_MARKET } from "./development.js";
import { checkChain, type DeploymentManifest, type ManifestStore, type RoleGrant } from "./manifest.js";
import type { RoleName } from "./roles.js";
import type { Signers } from "./signers.js";

const DAY_SECONDS = 86_400;

/** How many officers of each role the pilot has. Where two people must decide, there are two. */
const OFFICERS: readonly (readonly [RoleName, number])[] = [
  ["ADMIN", 1],
  ["REGISTRAR", 2],
  ["VERIFIER", 1],
  ["COMPLIANCE_OFFICER", 2],
  ["GUARDIAN", 1],
  ["SETTLEMENT_BANK", 2],
  ["EXCHANGE_OPERATOR", 1],
  ["ENFORCEMENT", 1],
];

export interface FoundingOptions {
  readonly db: Db;
  readonly signers: Signers;
  readonly connection: Connection;
  readonly store: ManifestStore;
  /** Where the world reaches the service: part of the addresses of certificates. */
  readonly publicUrl: string;
  readonly progress?: (progress: DeploymentProgress) => void;
}

/**
 * The ledger of the embedded chain: the one that the manifest names, or a new one whose officers' keys this service manages.
 * Nobody keeps the deployer's key: it gives all its rights away in the last transaction. A founding that was interrupted is therefore
 * begun anew with other keys of the deployer; what it left on the chain belongs to nobody and is in nobody's way.
 * @throws ManifestError for a manifest of another chain, DeploymentError
 */
export async function foundLedger(options: FoundingOptions): Promise<DeploymentManifest> {
  const { connection, store } = options;
  const found = await store.read();
  if (found !== undefined) checkChain(found, await chainIdentity(connection.provider));
  if (found?.complete === true) return found;

  // Together: to encrypt a keystore takes a good part of a second of a processor.
  const grants = await Promise.all(
    OFFICERS.map(async ([role, count]) => {
      const accounts = await officers(options, role, count);
      // Enforcement waits a day, in which the guardian may stop it. The pilot's admin does not wait: there is no buffer account yet, and
      // whoever tries the ledger out can name one and go on.
      const delaySeconds = role === "ENFORCEMENT" ? DAY_SECONDS : 0;
      return accounts.map((account): RoleGrant => ({ role, account, delaySeconds }));
    }),
  );
  const holders = grants.flat();
  const admin = holders.find(({ role }) => role === "ADMIN");
  if (admin === undefined) throw new Error("A ledger without admin cannot be founded");

  return await deployLedger({
    deployer: Wallet.createRandom(),
    provider: connection.provider,
    store: found === undefined ? store : { ...store, read: once(store) },
    settings: {
      batchBaseUri: `${options.publicUrl}/v1/batches/`,
      certificateBaseUri: `${options.publicUrl}/v1/certificates/`,
      ...PILOT_MARKET,
      holders: holders.filter(({ role }) => role !== "ADMIN"),
      admin: { account: admin.account, delaySeconds: admin.delaySeconds },
    },
    ...(options.progress === undefined ? {} : { progress: options.progress }),
  });
}

/** Hides the unfinished manifest from the first look. */
function once(store: ManifestStore): ManifestStore["read"] {
  let isFirst = true;
  return async () => {
    if (!isFirst) return store.read();
    isFirst = false;
    return undefined;
  };
}

/** Keys made at an earlier attempt are used again. */
async function officers({ db, signers }: FoundingOptions, role: RoleName, count: number): Promise<string[]> {
  const label = role.toLowerCase().replaceAll("_", "-");
  const rows = await db
    .selectFrom("keystores")
    .select("address")
    .where("role", "=", label)
    .orderBy("created_at")
    .orderBy("address")
    .limit(count)
    .execute();
  const accounts = rows.map((row) => row.address);
  const missing = Array.from({ length: count - accounts.length }, () => signers.createManagedAccount({ role: label }));
  return [...accounts, ...(await Promise.all(missing))];
}

/** The key that pays for intents and relays them; made when there is none yet. */
export function relayerAccount(db: Db, signers: Signers): Promise<string> {
  return accountOf("relayer", db, signers);
}

/** The key that signs what the service itself hands out: manifests of exports, and certificates. It has no right on the chain. */
export function serviceAccount(db: Db, signers: Signers): Promise<string> {
  return accountOf("service", db, signers);
}

async function accountOf(role: "relayer" | "service", db: Db, signers: Signers): Promise<string> {
  const row = await db.selectFrom("keystores").select("address").where("role", "=", role).executeTakeFirst();
  return row?.address ?? (await signers.createManagedAccount({ role }));
}
