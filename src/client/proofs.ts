import type { Checkpoint, ProofPack, TrustFile } from "../verify/types.js";
import { collection, paged, read, readBytes, readStream, segment } from "./calls.js";
import { randomHash } from "./random.js";
import type { ReadOptions } from "./requests.js";
import type { FileAnswer, Transport } from "./transport.js";
import type { Address, DateTime, Decimal, Hash } from "./types.js";

export type Language = "vi" | "en" | "fr";

type OneMinBlock = Pick<ReadOptions, "minBlock" | "signal">;

/** A file that is JSON: `body` are the exact bytes that its proof is about, `json` is what they say. */
export interface JsonFile<Json> extends FileAnswer {
  readonly json: Json;
}

/** Who signs checkpoints. */
export type CheckpointRole = "compliance-officer" | "registrar";

export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** What is signed (EIP-712). */
  readonly digest: Hash;
  /** Both roles have signed, by accounts that still hold them. */
  readonly complete: boolean;
  readonly missing: readonly CheckpointRole[];
  readonly signatures: readonly {
    readonly role: CheckpointRole;
    readonly signer: Address;
    readonly signature: string;
  }[];
  readonly createdAt: DateTime;
  readonly links: Readonly<Record<string, string | null>>;
}

/** That the log of one checkpoint goes on as that of an earlier one (RFC 6962 §2.1.2). */
export interface Consistency {
  readonly older: SignedCheckpoint;
  readonly newer: SignedCheckpoint;
  readonly path: readonly Hash[];
}

/** A certificate, as ERC-721 metadata. */
export interface Certificate {
  readonly name: string;
  readonly description: string;
  /** Its public page, for people. */
  readonly external_url: string;
  readonly attributes: readonly { readonly trait_type: string; readonly value: string | number }[];
  readonly links: { readonly self: string; readonly page: string; readonly pdf: string; readonly proof: string };
}

/** A natural person, as it is kept beside the chain. */
export interface Beneficiary {
  readonly commitment: Hash;
  readonly name: string;
  readonly identifier: string | null;
  readonly salt: Hash;
}

export interface PersonInput {
  readonly name: string;
  readonly identifier?: string | null;
  /** 32 random bytes. Default: made here, so that the request can be repeated. */
  readonly salt?: Hash;
  /** What is on the chain already; refused unless name, identifier and salt give it. */
  readonly commitment?: Hash;
}

export interface AccessEntry {
  readonly seq: Decimal;
  readonly at: DateTime;
  readonly keyId: string;
  readonly scope: string;
  readonly role: string | null;
  readonly method: string;
  readonly route: string;
  readonly url: string;
  readonly requestId: string;
}

/** What can be checked without trusting the service; reports; names of persons; who read what. */
export function proofCalls(send: Transport) {
  return {
    certificates: certificates(send),
    checkpoints: checkpoints(send),
    trust: {
      /** Whom a verifier believes. Compare it with what the institutions publish elsewhere. */
      get: (o?: { block?: number; signal?: AbortSignal }) => jsonFile<TrustFile>(send, "/v1/trust", o),
    },
    reports: {
      /** Projects, issuances, units and labels in the CAD Trust data model: NDJSON, whole when its last line is the summary. */
      cadTrust: () => readStream(send, "/v1/reports/cad-trust"),
      /** Tables 1 to 5 of the agreed electronic format of Article 6.2: likewise. */
      article6: (query: { party?: string; cooperativeApproach?: string; year?: number; version?: number } = {}) =>
        readStream(send, "/v1/reports/article-6", query),
    },
    personalData: personalData(send),
    accessLog: paged<AccessEntry, { keyId?: string; from?: DateTime; to?: DateTime }>((filter) =>
      read(send, "/v1/access-log", filter),
    ),
  };
}

/** Proofs and documents of a retirement: of `client.retirements`. */
export function retirementFiles(send: Transport) {
  const at = (id: Decimal): string => `/v1/retirements/${segment(id)}`;
  return {
    certificate: (id: Decimal, o?: OneMinBlock) => read<Certificate>(send, `${at(id)}/certificate`, o),
    /** The PDF, which carries its proof. Waits for the checkpoint that it needs as long as a repeated request may. */
    certificatePdf: (id: Decimal, o: { language?: Language } & OneMinBlock = {}) =>
      readBytes(send, `${at(id)}/certificate.pdf`, o),
    /** The proof pack, for `carbon verify`. */
    proof: (id: Decimal, o?: OneMinBlock) => jsonFile<ProofPack>(send, `${at(id)}/proof`, o),
    /** The natural person behind it, for whoever may know. */
    beneficiary: (id: Decimal, o?: OneMinBlock) => read<Beneficiary>(send, `${at(id)}/beneficiary`, o),
  };
}

/** The proof of a holding as of a block: of `client.holdings`. */
export function holdingProof(send: Transport) {
  return (account: Address, batch: string, o?: { block?: number } & OneMinBlock): Promise<JsonFile<ProofPack>> =>
    jsonFile(send, `/v1/holdings/${segment(account)}/${segment(batch)}/proof`, o);
}

function certificates(send: Transport) {
  const at = (id: Decimal): string => `/v1/certificates/${segment(id)}`;
  return {
    get: (id: Decimal, o?: OneMinBlock) => read<Certificate>(send, at(id), o),
    /** The public page, as HTML. Its address is `external_url` of the certificate. */
    page: async (id: Decimal, o: { language?: Language } & OneMinBlock = {}): Promise<string> =>
      new TextDecoder().decode((await readBytes(send, `${at(id)}/page`, o)).body),
  };
}

function checkpoints(send: Transport) {
  const path = "/v1/checkpoints";
  const at = (number: Decimal): string => `${path}/${segment(number)}`;
  return {
    ...collection<SignedCheckpoint>(send, path),
    /** The newest that both roles have signed. */
    latest: () => read<SignedCheckpoint>(send, `${path}/latest`),
    consistency: (older: Decimal, newer: Decimal) =>
      read<Consistency>(send, `${at(newer)}/consistency`, { from: older }),
    /** Hands in the signature of a role, 65 bytes over the checkpoint's digest. */
    sign: (number: Decimal, body: { readonly role: CheckpointRole; readonly signature: string }) =>
      send<null>({ method: "POST", path: `${at(number)}/signatures`, body, repeatable: true }),
  };
}

function personalData(send: Transport) {
  const path = "/v1/personal-data";
  return {
    /** Keeps the name, and gives the `beneficiaryCommitment` for the retirement, which then carries no name. */
    keep: (person: PersonInput) =>
      send<{ readonly commitment: Hash; readonly salt: Hash }>({
        method: "POST",
        path,
        body: { ...person, salt: person.salt ?? randomHash() },
        repeatable: true,
      }),
    /** Forgets the person. Totals, proofs and the certificate stay as they are. */
    erase: (commitment: Hash) =>
      send<null>({ method: "DELETE", path: `${path}/${segment(commitment)}`, repeatable: true }),
  };
}

async function jsonFile<Json>(send: Transport, path: string, query?: object): Promise<JsonFile<Json>> {
  const file = await readBytes(send, path, query);
  return { ...file, json: JSON.parse(new TextDecoder().decode(file.body)) as Json };
}
