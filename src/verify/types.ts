/**
 * What a proof pack, a trust file, an export's manifest and a verdict consist of. All hexadecimal is lower-case with 0x, numbers are
 * decimal strings, addresses have 20 bytes. Imports nothing.
 */
export const PACK_FORMAT = "carbon-ledger/proof-pack/1";
export const TRUST_FORMAT = "carbon-ledger/trust/1";
export const EXPORT_FORMAT = "carbon-ledger/export/1";

/** What two institutions attest: the chain at one block, and all retirements so far. */
export interface Checkpoint {
  readonly number: string;
  readonly blockNumber: string;
  readonly blockHash: string;
  readonly stateRoot: string;
  /** Unix seconds. */
  readonly blockTimestamp: string;
  readonly retirementCount: string;
  /** Root of the log of retirements (RFC 6962). */
  readonly logRoot: string;
  /** Digest of the checkpoint before; 32 zero bytes for the first. */
  readonly previous: string;
}

export interface RoleSignature {
  readonly role: string;
  readonly signature: string;
}

/** That a retirement is in the log. */
export interface LogInclusion {
  readonly blockNumber: string;
  readonly txHash: string;
  /** RFC 6962 audit path, the lowest first. */
  readonly path: readonly string[];
}

/** Who vouches for the block. */
export type Seal =
  | {
      readonly kind: "checkpoint";
      readonly checkpoint: Checkpoint;
      /** Sorted by role: two or more, of distinct roles and distinct signers. */
      readonly signatures: readonly RoleSignature[];
      /** RLP headers after `header`, up to that of the checkpoint. */
      readonly descendants: readonly string[];
      /** Of a retirement always; null for a holding. */
      readonly inclusion: LogInclusion | null;
    }
  /** The header carries enough seals of the chain's validators. */
  | { readonly kind: "validators" };

export type Subject =
  /** The ABI bytes whose keccak-256 the contract stored: a text in them need not be valid UTF-8. */
  | { readonly kind: "retirement"; readonly record: string }
  /** `slot`: where the head of the holding lies. An empty place may show the emptiness of its neighbours, too: so the file says which. */
  | { readonly kind: "holding"; readonly account: string; readonly batch: string; readonly slot: string };

export interface ProofPack {
  readonly format: typeof PACK_FORMAT;
  readonly chainId: string;
  readonly contract: string;
  readonly subject: Subject;
  /** RLP. */
  readonly header: string;
  /** RLP nodes, the root first, none superfluous. */
  readonly accountProof: readonly string[];
  /**
   * In the order of the slots that the subject needs. Retirement: hash. Holding: head, frozen (only if marked), tail 0, tail 1 and so on.
   * Each as `accountProof`; an empty list only where an empty trie proves absence.
   */
  readonly storageProofs: readonly (readonly string[])[];
  readonly seal: Seal;
}

/** Whom a verifier believes. */
export interface TrustFile {
  readonly format: typeof TRUST_FORMAT;
  readonly chainId: string;
  readonly contracts: { readonly retirements: string; readonly units: string };
  readonly validators: readonly string[];
  readonly checkpointSigners: readonly { readonly role: string; readonly address: string }[];
  /** Keys that sign manifests and certificates. */
  readonly service: readonly string[];
}

export interface ExportManifest {
  readonly format: typeof EXPORT_FORMAT;
  readonly id: string;
  readonly subject: string;
  readonly fileFormat: "csv" | "ndjson" | "parquet";
  /** Canonical JSON text. */
  readonly query: string;
  readonly blockNumber: string;
  readonly blockHash: string;
  readonly rows: string;
  readonly bytes: string;
  readonly sha256: string;
  /** Unix seconds. */
  readonly finishedAt: string;
  readonly signer: string;
  readonly signature: string;
}

/** What binds every byte of a certificate's PDF. */
export interface CertificateSeal {
  readonly digest: string;
  readonly retirementId: string;
  readonly signature: string;
}

export interface Verdict {
  readonly accepted: boolean;
  readonly kind: "retirement" | "holding" | "certificate" | "export" | "unknown";
  readonly reasons: readonly { readonly code: ReasonCode; readonly message: string }[];
  readonly facts: Facts | null;
}

export type ReasonCode =
  | "not-readable"
  | "too-large"
  | "not-canonical"
  | "not-a-pack"
  | "wrong-chain"
  | "wrong-contract"
  | "header-mismatch"
  | "account-proof"
  | "storage-proof"
  | "record-mismatch"
  | "seal-missing"
  | "signature"
  | "quorum"
  | "log-inclusion"
  | "lineage"
  | "pdf-no-pack"
  | "pdf-seal"
  | "pdf-altered"
  | "manifest-signature"
  | "file-altered"
  | "person-mismatch";

export type Facts = RetirementFacts | HoldingFacts | ExportFacts;

/** Serial numbers, both ends included. */
export interface SerialRun {
  readonly start: string;
  readonly end: string;
}

export interface RetirementFacts {
  readonly kind: "retirement";
  readonly retirementId: string;
  readonly account: string;
  readonly participantId: string;
  readonly retiredAt: string;
  readonly batch: string;
  readonly tonnes: string;
  readonly blocks: readonly SerialRun[];
  readonly beneficiary: string;
  readonly beneficiaryId: string;
  readonly beneficiaryCommitment: string | null;
  readonly purpose: string;
  readonly reason: string;
  readonly details: string;
  readonly consumptionCountry: string | null;
  readonly consumptionPeriodStart: string | null;
  readonly consumptionPeriodEnd: string | null;
  readonly recordHash: string;
  readonly blockNumber: string;
  readonly blockHash: string;
  /** Null when nobody claimed a name. */
  readonly personConfirmed: boolean | null;
}

export interface HoldingFacts {
  readonly kind: "holding";
  readonly account: string;
  readonly batch: string;
  readonly tonnes: string;
  readonly frozenTonnes: string;
  readonly blocks: readonly SerialRun[];
  readonly blockNumber: string;
  readonly blockHash: string;
}

/** What the service signed about a file. It shows who made the file, not that the chain agrees. */
export interface ExportFacts extends Omit<ExportManifest, "format" | "signature"> {
  readonly kind: "export";
  /** False when only the manifest was at hand. */
  readonly fileChecked: boolean;
}
