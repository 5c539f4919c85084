/** What each event of the ledger's contracts says, in a form that JSON carries unchanged. See `events.ts` for how it is decoded. */
import type { CashEventArgs, ExchangeEventArgs } from "./exchange-event-types.js";

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export const LEDGER_CONTRACTS = [
  "AccessManager",
  "Participants",
  "Registry",
  "Units",
  "Retirements",
  "Intents",
  "SettlementCash",
  "Exchange",
] as const;
export type LedgerContractName = (typeof LEDGER_CONTRACTS)[number];

/** A serial block, both ends inclusive, as decimal strings. */
export interface SerialBlockJson {
  readonly start: string;
  readonly end: string;
}

export const PROJECT_STATUSES = [
  "none",
  "listed",
  "validated",
  "registered",
  "completed",
  "inactive",
  "rejected",
  "withdrawn",
] as const;
export type ProjectStatus = (typeof PROJECT_STATUSES)[number];

export const FIRST_TRANSFERS = ["unspecified", "authorisation", "issuance", "use"] as const;
export type FirstTransfer = (typeof FIRST_TRANSFERS)[number];

export const PURPOSES = ["voluntary", "compliance", "corsia", "other"] as const;
export type Purpose = (typeof PURPOSES)[number];

export const CANCELLATION_REASONS = ["error", "invalidation", "registry-move", "reversal", "other"] as const;
export type CancellationReason = (typeof CANCELLATION_REASONS)[number];

export const INTENT_KINDS = [
  "transfer",
  "retirement",
  "cancellation",
  "revocation",
  "cash-transfer",
  "redemption",
  "exchange-withdrawal",
  "order-cancellation",
  "mass-cancellation",
] as const;
export type IntentKind = (typeof INTENT_KINDS)[number];

export const PARTICIPANT_STATUSES = ["none", "active", "suspended", "closed"] as const;
export type ParticipantStatus = (typeof PARTICIPANT_STATUSES)[number];

export const ACCOUNT_STATUSES = ["none", "active", "removed", "replaced"] as const;
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];

export const ISSUANCE_STATUSES = ["none", "proposed", "approved", "rejected"] as const;
export type IssuanceStatus = (typeof ISSUANCE_STATUSES)[number];

export interface IssuanceJson {
  readonly statementId: string;
  readonly batchCode: string;
  readonly vintage: number;
  readonly tonnes: string;
  readonly recipient: string;
  /** `programme` and `series` are null for a domestic issuance. */
  readonly foreignBlock: {
    readonly programme: string | null;
    readonly series: string | null;
    readonly start: string;
    readonly end: string;
  };
  readonly documentHash: string;
}

export interface RetirementOrderJson {
  readonly batchId: string;
  readonly tonnes: string;
  readonly blocks: readonly SerialBlockJson[];
  readonly beneficiary: string;
  readonly beneficiaryId: string;
  readonly beneficiaryCommitment: string;
  readonly purpose: Purpose;
  readonly reason: string;
  readonly details: string;
  readonly consumptionCountry: string | null;
  readonly consumptionPeriodStart: number;
  readonly consumptionPeriodEnd: number;
}

export interface CancellationOrderJson {
  readonly batchId: string;
  readonly tonnes: string;
  readonly blocks: readonly SerialBlockJson[];
  readonly reason: CancellationReason;
  readonly details: string;
}

type AnyArgs = Readonly<Record<string, Json>>;

/**
 * Arguments by event name. Integers of up to 48 bits are numbers, wider ones decimal strings; codes and batch ids are code strings;
 * enums are their lower-case names; countries are two letters or null; addresses are checksummed; other bytes are lower-case hex.
 */
export interface EventArgs extends CashEventArgs, ExchangeEventArgs {
  ParticipantAdmitted: {
    participantId: number;
    taxCode: string;
    capabilities: number;
    kycExpiresAt: number;
    documentHash: string;
  };
  ParticipantSuspended: { participantId: number; reasonHash: string };
  ParticipantReinstated: { participantId: number };
  ParticipantClosed: { participantId: number };
  ParticipantUpdated: { participantId: number; capabilities: number; kycExpiresAt: number; documentHash: string };
  AccountAdded: { participantId: number; account: string };
  AccountRemoved: { participantId: number; account: string };
  AccountReplacementProposed: { participantId: number; lostAccount: string; newAccount: string; proposer: string };
  AccountReplacementWithdrawn: { participantId: number; lostAccount: string };
  AccountReplaced: {
    participantId: number;
    lostAccount: string;
    newAccount: string;
    proposer: string;
    approver: string;
  };

  ProjectListed: { projectCode: string; ownerId: number; bufferBasisPoints: number; documentHash: string };
  ProjectStatusChanged: { projectCode: string; from: ProjectStatus; to: ProjectStatus };
  ProjectDocumentChanged: { projectCode: string; documentHash: string };
  StatementRecorded: {
    statementId: string;
    projectCode: string;
    verifier: string;
    periodStart: number;
    periodEnd: number;
    verifiedTonnes: string;
    reportHash: string;
  };
  IssuanceProposed: { issuanceId: string; batchCode: string; proposer: string; issuance: IssuanceJson };
  IssuanceApproved: { issuanceId: string; batchCode: string; approver: string };
  IssuanceRejected: { issuanceId: string; batchCode: string; rejecter: string; reasonHash: string };
  BatchIssued: {
    batchId: string;
    projectCode: string;
    statementId: string;
    vintage: number;
    tonnes: string;
    recipient: string;
    bufferTonnes: string;
    bufferAccount: string;
  };
  ForeignBlockRecorded: { programme: string; series: string; start: string; end: string; batchId: string };
  BatchAuthorised: { batchId: string; authorisations: number; firstTransfer: FirstTransfer; documentHash: string };
  BatchAuthorisationRevoked: { batchId: string; reasonHash: string };
  BufferAccountChanged: { from: string; to: string };

  BlocksMoved: { batchId: string; from: string; to: string; blocks: readonly SerialBlockJson[] };
  BlocksMerged: { batchId: string; account: string; start: string; end: string };
  BatchPaused: { batchId: string; by: string };
  BatchUnpaused: { batchId: string; by: string };
  Paused: { by: string };
  Unpaused: { by: string };
  Recovered: { lostAccount: string; newAccount: string; batchId: string; tonnes: string };
  ForcedTransfer: { from: string; to: string; tokenId: string; amount: string };
  Frozen: { account: string; tokenId: string; amount: string };
  TransferSingle: { operator: string; from: string; to: string; id: string; value: string };
  TransferBatch: { operator: string; from: string; to: string; ids: readonly string[]; values: readonly string[] };
  URI: AnyArgs;
  ApprovalForAll: AnyArgs;

  /** `recordHash` is computed from the event's own bytes, by the contract's formula (`IRetirements.retirementHash`). */
  Retired: {
    retirementId: string;
    account: string;
    batchId: string;
    participantId: number;
    retiredAt: string;
    order: RetirementOrderJson;
    recordHash: string;
  };
  /** `recordHash`: see `Retired`, and `IRetirements.cancellationHash`. */
  Cancelled: {
    cancellationId: string;
    account: string;
    batchId: string;
    participantId: number;
    cancelledAt: string;
    order: CancellationOrderJson;
    recordHash: string;
  };
  /** Of certificates, and of money: see `CashTransferArgs`. */
  Transfer: AnyArgs;
  Approval: AnyArgs;
  Locked: AnyArgs;
  Unlocked: AnyArgs;
  BaseUriChanged: { baseUri: string };

  IntentExecuted: { intentHash: string; account: string; nonce: string; kind: IntentKind };
  IntentFailed: { itemHash: string; index: string; reason: string };
  NonceRevoked: { account: string; nonce: string };

  RoleGranted: { roleId: string; account: string; delay: number; since: number; newMember: boolean };
  RoleRevoked: { roleId: string; account: string };
  RoleLabel: AnyArgs;
  RoleAdminChanged: AnyArgs;
  RoleGuardianChanged: AnyArgs;
  RoleGrantDelayChanged: AnyArgs;
  TargetClosed: AnyArgs;
  TargetFunctionRoleUpdated: AnyArgs;
  TargetAdminDelayUpdated: AnyArgs;
  OperationScheduled: AnyArgs;
  OperationExecuted: AnyArgs;
  OperationCanceled: AnyArgs;
  AuthorityUpdated: AnyArgs;
  EIP712DomainChanged: AnyArgs;
}

export type EventName = keyof EventArgs;

/** Where on the chain an event stands. */
export interface EventPlace {
  readonly contract: LedgerContractName;
  readonly blockNumber: bigint;
  /** Position in the block. */
  readonly logIndex: number;
  readonly txHash: string;
}

/** One event of the ledger, told apart by `name`. */
export type LedgerEvent = {
  [N in EventName]: EventPlace & { readonly name: N; readonly args: Readonly<EventArgs[N]> };
}[EventName];

/** The event of one name. */
export type LedgerEventOf<N extends EventName> = Extract<LedgerEvent, { readonly name: N }>;

/** In `BlocksMoved`: from nobody (an issue), or to nobody (a burn). */
export const ZERO_ADDRESS = `0x${"00".repeat(20)}`;
