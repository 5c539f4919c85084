import type { IntentDomain } from "../chain/intents.js";
import type { Signers } from "../chain/signers.js";
import type { Principal } from "../principal.js";
import { orderDigest } from "./digest.js";
import type { MarketHost } from "./host.js";
import type { ManagedOrders } from "./ports.js";
import { checkNumbers } from "./rules.js";

export interface ManagedOrdersOptions {
  readonly host: Pick<MarketHost, "nonces" | "facts">;
  readonly domain: IntentDomain;
  readonly signers: Pick<Signers, "signerOf">;
  /** The managed account that a principal acts with. @throws Problem */
  readonly managedAccountOf: (principal: Principal, asked: string | null) => Promise<string>;
}

/** Orders that the service signs for its managed accounts. */
export function createManagedOrders({ host, domain, signers, managedAccountOf }: ManagedOrdersOptions): ManagedOrders {
  return {
    async sign(principal, asked, terms, nonce) {
      const account = await managedAccountOf(principal, asked);
      const pair = { account, batch: terms.batch };
      await Promise.all([host.nonces.load([pair]), host.facts.load([account])]);
      const floor = host.facts.account(account)?.firstValidNonce ?? 0;
      const order = { ...terms, account, nonce: nonce ?? host.nonces.next(pair, floor, true).toString() };
      checkNumbers(order);
      const signer = await signers.signerOf(account);
      return { order, signature: await signer.signDigest(orderDigest(order, domain)) };
    },
  };
}
