/**
 * What travels over the API, as JSON carries it: quantities, serial numbers, nonces and deadlines are decimal strings, addresses are
 * EIP-55, hashes lower-case, days `YYYY-MM-DD`. Answers never leave a field out: what is absent is `null`.
 */

import type { ErrorCode } from "./problem.js";

/** A whole number as a decimal string. */
export type Decimal = string;
/** What a request takes where the wire has a `Decimal`: a bigint, or the string itself. Never a number: it would round. */
export type Quantity = bigint | Decimal;
export type Address = string;
export type Hash = string;
/** `YYYY-MM-DD`. */
export type Day = string;
/** ISO 8601, UTC. */
export type DateTime = string;
export type PublicDocument = Record<string, unknown>;

export type Capability = "trade-allowances" | "trade-credits" | "develop-projects" | "hold-buffer";
export type ParticipantStatus = "active" | "suspended" | "closed";
export type AccountStatus = "active" | "removed" | "replaced";
export type ProjectStatus = "listed" | "validated" | "registered" | "completed" | "inactive" | "rejected" | "withdrawn";
export type IssuanceStatus = "proposed" | "approved" | "rejected";
export type Authorisation = "NDC" | "IMP" | "OP";
export type FirstTransfer = "unspecified" | "authorisation" | "issuance" | "use";
export type OperationStatus = "accepted" | "sent" | "final" | "rejected";
export type RoleName =
  | "admin"
  | "registrar"
  | "verifier"
  | "compliance-officer"
  | "guardian"
  | "settlement-bank"
  | "exchange-operator"
  | "enforcement";

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** Serial numbers `start` to `end`, both inclusive. */
export interface Block<Number = Decimal> {
  readonly start: Number;
  readonly end: Number;
}

export type BlockInput = Block<Quantity>;

/** A code of the table, or one that a later service has added to it. */
export type ProblemCode = ErrorCode | (string & Record<never, never>);

/** RFC 9457. `code` is stable and listed at `GET /v1/errors`. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly retryable: boolean;
  readonly remedy: string;
  readonly instance?: string;
  readonly operationId?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/** Where a thing came from on the chain, and how to look at it. */
export interface OnChain {
  readonly txHash: Hash;
  readonly blockNumber: number;
  readonly links: Readonly<Record<string, string | null>> & { readonly self: string; readonly transaction: string };
}

/** The fate of something accepted. `final`: on the chain and readable. `rejected`: `problem` says why. */
export interface Operation<Result extends object = Readonly<Record<string, unknown>>> {
  readonly id: string;
  readonly kind: string;
  readonly status: OperationStatus;
  readonly account: Address | null;
  readonly participantId: number | null;
  readonly role: RoleName | null;
  readonly intentHash: Hash | null;
  readonly txHash: Hash | null;
  readonly blockNumber: number | null;
  /** Once final: what came of it. */
  readonly result: Result | null;
  readonly problem: ProblemDocument | null;
  readonly createdAt: DateTime;
  readonly updatedAt: DateTime;
  readonly links: { readonly self: string; readonly transaction: string | null; readonly result: string | null };
}

/** What one intent of a list was answered: the operation that it became, or why it was refused. */
export type IntentAnswer =
  | { readonly status: 200 | 201 | 202; readonly operation: Operation }
  | { readonly status: number; readonly problem: ProblemDocument };

export interface ParticipantAccount {
  readonly address: Address;
  readonly status: AccountStatus;
  readonly managed: boolean;
}

export interface Participant extends OnChain {
  readonly id: number;
  readonly taxCode: string;
  readonly name: string | null;
  readonly status: ParticipantStatus;
  readonly capabilities: readonly Capability[];
  readonly kycExpiresAt: DateTime;
  readonly documentHash: Hash;
  readonly document: PublicDocument | null;
  readonly accounts: readonly ParticipantAccount[];
  readonly admittedBlock: number;
}

export interface Account extends OnChain, ParticipantAccount {
  readonly participantId: number;
  readonly successor: Address | null;
  /** What one compliance officer proposed and another has to approve. */
  readonly proposedSuccessor: Address | null;
  readonly addedBlock: number;
}

export interface Project extends OnChain {
  readonly code: string;
  readonly ownerId: number;
  readonly status: ProjectStatus;
  readonly bufferBasisPoints: number;
  readonly name: string | null;
  readonly documentHash: Hash;
  readonly document: PublicDocument | null;
}

export interface Statement extends OnChain {
  readonly id: Hash;
  readonly projectCode: string;
  readonly verifier: Address;
  readonly periodStart: Day;
  readonly periodEnd: Day;
  readonly verifiedTonnes: Decimal;
  readonly claimedTonnes: Decimal;
  readonly reportHash: Hash;
}

export interface ForeignBlock<Number = Decimal> {
  readonly programme: string;
  readonly series: string;
  readonly start: Number;
  readonly end: Number;
}

export interface Issuance extends OnChain {
  readonly id: Hash;
  readonly batch: string;
  readonly projectCode: string;
  readonly statementId: Hash;
  readonly vintage: number;
  readonly tonnes: Decimal;
  readonly recipient: Address;
  readonly foreignBlock: ForeignBlock | null;
  readonly documentHash: Hash;
  readonly document: PublicDocument | null;
  readonly status: IssuanceStatus;
  readonly proposer: Address;
  readonly approver: Address | null;
  readonly rejecter: Address | null;
  /** Of the rejection; null also when the service does not know the text. */
  readonly reason: string | null;
  readonly proposedBlock: number;
  readonly decidedBlock: number | null;
}

export interface Batch extends OnChain {
  readonly code: string;
  readonly projectCode: string;
  readonly statementId: Hash;
  readonly vintage: number;
  readonly issuedTonnes: Decimal;
  readonly heldTonnes: Decimal;
  readonly retiredTonnes: Decimal;
  readonly cancelledTonnes: Decimal;
  readonly bufferTonnes: Decimal;
  readonly authorisations: readonly Authorisation[];
  readonly firstTransfer: FirstTransfer;
  readonly authorisationDocumentHash: Hash | null;
  readonly authorisationRevoked: boolean;
  readonly corsiaEligible: boolean;
  readonly paused: boolean;
  /** The block of another registry that it came from. */
  readonly foreignBlock: ForeignBlock | null;
}

export interface ErrorRow {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly retryable: boolean;
  readonly remedy: string;
  readonly contractError: string | null;
}

/** In basis points of a trade's value, from each side. */
export interface NewFee {
  readonly basisPoints: number;
  /** In the future. */
  readonly from: DateTime;
}

export interface Fees {
  /** In force. */
  readonly basisPoints: number;
  /** What is announced. */
  readonly next: NewFee | null;
  /** Who receives them. */
  readonly account: Address | null;
}

export type ApiKeyScope = "participant" | "role" | "admin" | "auditor" | "regulator";

export interface ApiKeyInfo {
  readonly id: string;
  readonly scope: ApiKeyScope;
  readonly participantId: number | null;
  readonly role: RoleName | null;
  readonly account: Address | null;
  readonly label: string;
  readonly createdAt: DateTime;
  /** From then on it is worth nothing; null: never. */
  readonly expiresAt: DateTime | null;
  readonly revokedAt: DateTime | null;
}

/** The only time that the secret is shown. */
export interface NewApiKey extends Omit<ApiKeyInfo, "revokedAt"> {
  readonly key: string;
}
