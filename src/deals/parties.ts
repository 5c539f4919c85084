import { randomBytes } from "node:crypto";

import type { Connection } from "../chain/connection.js";
import type { DealJson } from "../chain/orders.js";
import { recoverSigner } from "../chain/signature.js";
import type { Signers } from "../chain/signers.js";
import { isWalletSignature } from "../chain/wallet-signature.js";
import type { DealSide } from "../db/deal-tables.js";
import { Problem } from "../errors.js";
import type { Principal } from "../principal.js";
import type { Confirmation, ManagedReport, SignedReport } from "./service.js";
import type { DealRecord } from "./store.js";

export interface PartiesOptions {
  readonly signers: Pick<Signers, "signerOf">;
  readonly connection: Pick<Connection, "getCode" | "call">;
  readonly managedAccountOf: (principal: Principal, asked: string | null) => Promise<string>;
}

/** What is reported, by whom; `sign` gives that party's signature over the digest, checked or made. */
interface Reporting {
  readonly deal: DealJson;
  readonly side: DealSide;
  sign(hash: string): Promise<string>;
}

/** Who acts for which side of a deal: by a signature, or with an API key whose account is managed here. */
export interface Parties {
  /** @throws Problem `unauthorized`, `forbidden`, `signer-unavailable`; `sign`: `deal-signature-invalid` */
  reporting(body: SignedReport | ManagedReport, principal: Principal): Promise<Reporting>;
  /**
   * The signature of the party that did not report.
   * @throws Problem `deal-signature-invalid`, `deal-wrong-party`, `unauthorized`, `forbidden`, `signer-unavailable`
   */
  confirming(record: DealRecord, body: Confirmation, principal: Principal): Promise<string>;
  /** The side that the key's participant is on; undefined: none. */
  sideOf(record: DealRecord, principal: Principal): DealSide | undefined;
}

export function other(side: DealSide): DealSide {
  return side === "seller" ? "buyer" : "seller";
}

export function createParties({ signers, connection, managedAccountOf }: PartiesOptions): Parties {
  async function signFor(account: string, hash: string): Promise<string> {
    return (await signers.signerOf(account)).signDigest(hash);
  }

  /** @throws Problem `deal-signature-invalid` */
  async function checkSignature(account: string, hash: string, signature: string): Promise<string> {
    const signer = recoverSigner(hash, signature);
    if (signer === account || (await isWalletSignature(connection, account, hash, signature))) return signature;
    const whose = signer === null ? "malformed" : `that of ${signer}`;
    const detail = `The signature over ${hash} is ${whose}, not of ${account}: another key, other words, or another chain.`;
    throw new Problem("deal-signature-invalid", detail, { evidence: { account, signer, deal: hash } });
  }

  function sideOf(record: DealRecord, principal: Principal): DealSide | undefined {
    if (principal.kind !== "key" || principal.scope !== "participant") return undefined;
    if (principal.participantId === record.sellerParticipantId) return "seller";
    return principal.participantId === record.buyerParticipantId ? "buyer" : undefined;
  }

  return {
    async reporting(body, principal) {
      if ("signature" in body) {
        const { deal, reportedBy: side, signature } = body;
        return { deal, side, sign: (hash) => checkSignature(deal[side], hash, signature) };
      }
      const { account: asked, side, counterparty, nonce, ...terms } = body;
      const account = await managedAccountOf(principal, asked ?? null);
      const [seller, buyer] = side === "seller" ? [account, counterparty] : [counterparty, account];
      const deal = { seller, buyer, ...terms, nonce: nonce ?? randomNonce() };
      return { deal, side, sign: (hash) => signFor(account, hash) };
    },

    async confirming(record, body, principal) {
      const { hash, deal, reportedBy } = record;
      const account = deal[other(reportedBy)];
      if ("signature" in body) {
        if (recoverSigner(hash, body.signature) === deal[reportedBy]) throw wrongParty(record);
        return checkSignature(account, hash, body.signature);
      }
      const managed = await managedAccountOf(principal, body.account ?? null);
      if (managed !== account) throw wrongParty(record);
      return signFor(account, hash);
    },

    sideOf,
  };
}

function wrongParty({ hash, deal, reportedBy }: DealRecord): Problem {
  const account = deal[other(reportedBy)];
  return new Problem("deal-wrong-party", `The deal was reported by the ${reportedBy}; ${account} confirms it.`, {
    evidence: { deal: hash, reportedBy, account },
  });
}

/** 256 random bits, to tell deals with the same terms apart. */
function randomNonce(): string {
  return BigInt(`0x${randomBytes(32).toString("hex")}`).toString();
}
