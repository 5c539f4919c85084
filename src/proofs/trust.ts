import type { Db } from "../db/connection.js";
import { TRUST_FORMAT, type TrustFile } from "../verify/types.js";
import { roleHolders } from "./checkpoint-store.js";

/** What does not change while the service runs. Addresses of any case. */
export interface TrustFacts {
  readonly chainId: string;
  readonly retirements: string;
  readonly units: string;
  /** Who signs manifests and certificates. */
  readonly service: string;
}

/** The trust file as the service sees it now. Who relies on it compares it with what the institutions publish. */
export async function readTrust(db: Db, facts: TrustFacts, validators: readonly string[]): Promise<TrustFile> {
  const holders = await roleHolders(db);
  return {
    format: TRUST_FORMAT,
    chainId: facts.chainId,
    contracts: { retirements: facts.retirements.toLowerCase(), units: facts.units.toLowerCase() },
    validators,
    checkpointSigners: holders.map(({ role, account }) => ({ role, address: account.toLowerCase() })),
    service: [facts.service.toLowerCase()],
  };
}
