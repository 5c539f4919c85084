import type {
  Address,
  ApiKeyScope,
  Authorisation,
  BlockInput,
  Capability,
  DateTime,
  Day,
  FirstTransfer,
  ForeignBlock,
  Hash,
  PublicDocument,
  Quantity,
  RoleName,
} from "./types.js";
import type { CancellationReason, Purpose } from "./unit-types.js";

/** Bodies of the requests. Fields with `?` may be left out. */

/** Either an account that the firm controls, or one whose key the service keeps. */
export type AccountChoice = { readonly account: Address } | { readonly managed: true };
export type AddedAccount = { readonly address: Address } | { readonly managed: true };

export type AdmitParticipant = AccountChoice & {
  readonly taxCode: string;
  readonly capabilities: readonly Capability[];
  readonly kycExpiresAt: DateTime;
  readonly document: PublicDocument;
};

export interface UpdateParticipant {
  readonly capabilities: readonly Capability[];
  readonly kycExpiresAt: DateTime;
  readonly document: PublicDocument;
}

export interface ListProject {
  readonly code: string;
  readonly ownerId: number;
  readonly bufferBasisPoints: number;
  readonly document: PublicDocument;
}

export interface StatementInput {
  readonly projectCode: string;
  readonly periodStart: Day;
  readonly periodEnd: Day;
  readonly verifiedTonnes: Quantity;
  readonly reportHash: Hash;
}

/** With `verifier` and `signature`: signed outside. Without: the service signs with the verifier's managed key. */
export type RecordStatement =
  | { readonly statement: StatementInput & { readonly verifier: Address }; readonly signature: string }
  | { readonly statement: StatementInput };

export interface ProposeIssuance {
  readonly statementId: Hash;
  readonly batch: string;
  readonly vintage: number;
  readonly tonnes: Quantity;
  readonly recipient: Address;
  readonly foreignBlock?: ForeignBlock<Quantity>;
  readonly document: PublicDocument;
}

export interface AuthoriseBatch {
  readonly authorisations: readonly Authorisation[];
  readonly firstTransfer: FirstTransfer;
  readonly document: PublicDocument;
}

/** Which units of which holding. No `blocks`: any. `account` may be left out when the participant has one managed account. */
export interface UnitsInput {
  readonly account?: Address;
  readonly batch: string;
  readonly tonnes: Quantity;
  readonly blocks?: readonly BlockInput[] | undefined;
}

export interface TransferInput extends UnitsInput {
  readonly to: Address;
}

export interface ForcedTransfer {
  readonly to: Address;
  readonly tonnes: Quantity;
}

export interface RetirementInput extends UnitsInput {
  readonly purpose: Purpose;
  readonly beneficiary?: string;
  readonly beneficiaryId?: string;
  readonly beneficiaryCommitment?: Hash | null;
  readonly reason?: string;
  readonly details?: string;
  readonly consumptionCountry?: string | null;
  readonly consumptionPeriodStart?: Day | null;
  readonly consumptionPeriodEnd?: Day | null;
}

export interface CancellationInput extends UnitsInput {
  readonly reason: CancellationReason;
  readonly details?: string;
}

export interface RevocationInput {
  readonly account?: Address;
  readonly revokedNonce: Quantity;
}

/** An intent as JSON, with its signature: what a firm with its own key sends. */
export interface SignedBody {
  readonly intent: Readonly<Record<string, unknown>>;
  readonly signature: string;
}

/** A signed intent with its kind, for a list of several kinds. */
export interface SignedItem extends SignedBody {
  readonly kind: "transfer" | "retirement" | "cancellation" | "revocation";
}

export interface CreateApiKey {
  readonly scope: ApiKeyScope;
  readonly participantId?: number;
  readonly role?: RoleName;
  readonly account?: Address;
  /** ISO 8601; the key is worth nothing from then on. */
  readonly expiresAt?: string;
  readonly label: string;
}

/** What every accepting request may say. */
export interface WriteOptions {
  /** The same key with the same body gives the same operation, however often it is sent. A random one is used when left out. */
  readonly idempotencyKey?: string;
  /** How long the service may hold the answer until the operation is final, in seconds (0 to 60). */
  readonly waitSeconds?: number;
  /** Ends the call. What the service has accepted by then, it does. */
  readonly signal?: AbortSignal;
}

export interface ReadOptions {
  readonly limit?: number;
  readonly cursor?: string;
  /** The answer must know this block: give the `blockNumber` of an own act to read what it wrote. */
  readonly minBlock?: number;
  /** Ends the call. */
  readonly signal?: AbortSignal;
}
