import { collection, notRejected, paged, read, remove, segment, settle, write } from "./calls.js";
import { historyCalls, statementCalls } from "./history.js";
import type { ApiProblem, ApiUnreachable } from "./problem.js";
import { importCalls } from "./imports.js";
import { notificationCalls } from "./notifications.js";
import { oversightCalls } from "./oversight.js";
import { proofCalls, retirementFiles } from "./proofs.js";
import type {
  AddedAccount,
  AdmitParticipant,
  AuthoriseBatch,
  CancellationInput,
  CreateApiKey,
  ListProject,
  ProposeIssuance,
  ReadOptions,
  RecordStatement,
  RetirementInput,
  RevocationInput,
  SignedBody,
  SignedItem,
  TransferInput,
  UpdateParticipant,
  WriteOptions,
} from "./requests.js";
import { marketCalls } from "./market.js";
import type {
  CancellationResult,
  OperationStory,
  RetirementResult,
  RevocationResult,
  TransferResult,
} from "./results.js";
import { createTransport, type Transport, type TransportOptions } from "./transport.js";
import type { ContractName, LedgerEvent, Transaction } from "./chain-types.js";
import type { Cancellation, Retirement, Serial, Transfer } from "./unit-types.js";
import type * as t from "./types.js";
import { acts, holdings, type CancellationFilter, type RetirementFilter, type TransferFilter } from "./units.js";
import { webhookCalls } from "./webhooks.js";

export type ClientOptions = TransportOptions;
export type Client = ReturnType<typeof createClient>;

type Acts = (id: string | number, options?: WriteOptions) => Promise<t.Operation>;

/**
 * The API as functions. Reads give the resource; acts give the `Operation`, as far as it has come within `waitSeconds` (see
 * `operations.settle`). A request that got no answer, or one that the error table calls retryable, is repeated after a growing pause,
 * and can never act twice: acts go under one idempotency key, signed ones have their hash, and the few that have neither are not repeated.
 * @throws ApiProblem when the service refuses, ApiUnreachable when no answer comes: so do all functions
 */
export function createClient(options: ClientOptions) {
  const send = createTransport(options);
  return {
    participants: participants(send),
    accounts: accounts(send),
    projects: projects(send),
    statements: {
      ...collection<t.Statement, { projectCode?: string; verifier?: string }>(send, "/v1/verification-statements"),
      record: (body: RecordStatement, o?: WriteOptions) => write(send, "/v1/verification-statements", body, o),
    },
    issuances: issuances(send),
    batches: batches(send),
    holdings: holdings(send),
    transfers: acts<Transfer, TransferFilter, TransferInput, TransferResult>(send, "/v1/transfers"),
    retirements: {
      ...acts<Retirement, RetirementFilter, RetirementInput, RetirementResult>(send, "/v1/retirements"),
      ...retirementFiles(send),
    },
    cancellations: acts<Cancellation, CancellationFilter, CancellationInput, CancellationResult>(
      send,
      "/v1/cancellations",
    ),
    intents: {
      /** Up to 100 signed intents of any kinds at once. Each has its own answer, in their order: nothing is thrown for one that is refused. */
      send: (items: readonly SignedItem[]) =>
        send<{ items: readonly t.IntentAnswer[] }>({
          method: "POST",
          path: "/v1/intents",
          body: { items: Array.from(items, ({ kind, intent, signature }) => ({ kind, intent, signature })) },
          repeatable: true,
        }),
    },
    revocations: {
      create: (body: RevocationInput | SignedBody, o?: WriteOptions) =>
        write<RevocationResult>(send, "/v1/revocations", body, o),
    },
    operations: operations(send),
    events: events(send),
    transactions: {
      get: (hash: t.Hash) => read<Transaction>(send, `/v1/transactions/${segment(hash)}`),
      /** Delivers a transaction that its sender signed. */
      send: (raw: string, o?: WriteOptions) => write(send, "/v1/transactions", { raw }, o),
    },
    ...oversightCalls(send),
    /** The emergency stop of all units. */
    units: {
      pause: (reason?: string, o?: WriteOptions) => write(send, "/v1/pause", { reason: reason ?? null }, o),
      unpause: (o?: WriteOptions) => write(send, "/v1/unpause", {}, o),
    },
    bufferAccount: {
      set: (account: t.Address, o?: WriteOptions) => write(send, "/v1/buffer-account", { account }, o),
      schedule: (account: t.Address, o?: WriteOptions) => write(send, "/v1/buffer-account/schedule", { account }, o),
    },
    /** What the exchange takes of a trade. */
    fees: {
      get: () => read<t.Fees>(send, "/v1/fees"),
      set: (fee: t.NewFee, o?: WriteOptions) => write(send, "/v1/fees", fee, o),
      schedule: (fee: t.NewFee, o?: WriteOptions) => write(send, "/v1/fees/schedule", fee, o),
    },
    feeAccount: {
      set: (account: t.Address, o?: WriteOptions) => write(send, "/v1/fee-account", { account }, o),
      schedule: (account: t.Address, o?: WriteOptions) => write(send, "/v1/fee-account/schedule", { account }, o),
    },
    scheduledOperations: {
      /** By the id in the result of what scheduled it. */
      cancel: (id: t.Hash, o?: WriteOptions) => write(send, `/v1/scheduled-operations/${segment(id)}/cancel`, {}, o),
    },
    ...marketCalls(send, options),
    ...historyCalls(send),
    ...proofCalls(send),
    ...notificationCalls(options),
    webhooks: webhookCalls(send),
    imports: importCalls(send),
    errors: { list: () => read<{ items: readonly t.ErrorRow[] }>(send, "/v1/errors") },
    apiKeys: apiKeys(send),
    /**
     * Sends the very request once more that ended in this error, under the same key: what it asked for is done once, even if an earlier
     * try had reached the service.
     * @throws TypeError when the error is not of this client
     */
    repeat: async (failure: ApiProblem | ApiUnreachable): Promise<t.Operation> =>
      notRejected(await send.repeat<t.Operation>(failure)),
  };
}

function operations(send: Transport) {
  type Filters = {
    status?: t.OperationStatus;
    kind?: string;
    account?: t.Address;
    participantId?: number;
    txHash?: t.Hash;
    since?: t.DateTime;
  };
  return {
    ...collection<t.Operation, Filters>(send, "/v1/operations"),
    /** All that happened to it, with times and transactions, for good. */
    story: (id: string, o?: Pick<ReadOptions, "minBlock" | "signal">) =>
      read<OperationStory>(send, `/v1/operations/${segment(id)}/story`, o),
    /**
     * Waits until it is final (default: 60 s); what it did can be read from then on.
     * @param operation It, or its id, which for a signed intent is the intent's hash
     * @throws ApiProblem when it was rejected, OperationPending when the time is over
     */
    settle: <Result extends object = Readonly<Record<string, unknown>>>(
      operation: t.Operation<Result> | string,
      timeoutSeconds = 60,
      signal?: AbortSignal,
    ) => settle(send, operation, timeoutSeconds, signal),
  };
}

function participants(send: Transport) {
  const path = "/v1/participants";
  const at = (id: number): string => `${path}/${segment(id)}`;
  type AccountFilter = { status?: t.AccountStatus };
  const accountsOf = (id: number) =>
    paged<t.Account, AccountFilter>((filter) => read(send, `${at(id)}/accounts`, filter));
  return {
    ...collection<t.Participant, { status?: t.ParticipantStatus; taxCode?: string; capability?: t.Capability }>(
      send,
      path,
    ),
    admit: (body: AdmitParticipant, o?: WriteOptions) => write(send, path, body, o),
    update: (id: number, body: UpdateParticipant, o?: WriteOptions) => write(send, `${at(id)}/update`, body, o),
    suspend: (id: number, reason: string, o?: WriteOptions) => write(send, `${at(id)}/suspend`, { reason }, o),
    reinstate: (id: number, o?: WriteOptions) => write(send, `${at(id)}/reinstate`, {}, o),
    close: (id: number, o?: WriteOptions) => write(send, `${at(id)}/close`, {}, o),
    accounts: (id: number, filter?: AccountFilter & ReadOptions) => accountsOf(id).list(filter),
    allAccounts: (id: number, filter?: AccountFilter & ReadOptions) => accountsOf(id).all(filter),
    addAccount: (id: number, body: AddedAccount, o?: WriteOptions) => write(send, `${at(id)}/accounts`, body, o),
    removeAccount: (id: number, address: t.Address, o?: WriteOptions) =>
      remove(send, `${at(id)}/accounts/${segment(address)}`, o),
  };
}

function accounts(send: Transport) {
  const at = (address: t.Address): string => `/v1/accounts/${segment(address)}`;
  return {
    get: (address: t.Address, o?: ReadOptions) => read<t.Account>(send, at(address), o),
    ...statementCalls(send),
    proposeReplacement: (lost: t.Address, newAccount: t.Address, o?: WriteOptions) =>
      write(send, `${at(lost)}/replacement`, { newAccount }, o),
    approveReplacement: (lost: t.Address, newAccount: t.Address, o?: WriteOptions) =>
      write(send, `${at(lost)}/replacement/approve`, { newAccount }, o),
    withdrawReplacement: (lost: t.Address, o?: WriteOptions) => write(send, `${at(lost)}/replacement/withdraw`, {}, o),
    recover: (lost: t.Address, batch: string, o?: WriteOptions) => write(send, `${at(lost)}/recovery`, { batch }, o),
  };
}

function projects(send: Transport) {
  const path = "/v1/projects";
  return {
    ...collection<t.Project, { status?: t.ProjectStatus; ownerId?: number }>(send, path),
    create: (body: ListProject, o?: WriteOptions) => write(send, path, body, o),
    setStatus: (code: string, status: t.ProjectStatus, o?: WriteOptions) =>
      write(send, `${path}/${segment(code)}/status`, { status }, o),
    setDocument: (code: string, document: t.PublicDocument, o?: WriteOptions) =>
      write(send, `${path}/${segment(code)}/document`, { document }, o),
  };
}

interface IssuanceFilter {
  readonly status?: t.IssuanceStatus;
  readonly batch?: string;
  readonly projectCode?: string;
  readonly statementId?: t.Hash;
}

function issuances(send: Transport) {
  const path = "/v1/issuances";
  return {
    ...collection<t.Issuance, IssuanceFilter>(send, path),
    propose: (body: ProposeIssuance, o?: WriteOptions) => write(send, path, body, o),
    approve: (id: t.Hash, o?: WriteOptions) => write(send, `${path}/${segment(id)}/approve`, {}, o),
    reject: (id: t.Hash, reason: string, o?: WriteOptions) =>
      write(send, `${path}/${segment(id)}/reject`, { reason }, o),
  };
}

interface BatchFilter {
  readonly projectCode?: string;
  readonly vintage?: number;
  /** Imports from this programme only. */
  readonly programme?: string;
  /** Whether an authorisation under Article 6 is in force. */
  readonly authorised?: boolean;
}

function batches(send: Transport) {
  const path = "/v1/batches";
  const at = (code: string | number): string => `${path}/${segment(code)}`;
  const pause: Acts = (code, o) => write(send, `${at(code)}/pause`, {}, o);
  const unpause: Acts = (code, o) => write(send, `${at(code)}/unpause`, {}, o);
  return {
    ...collection<t.Batch, BatchFilter>(send, path),
    authorise: (code: string, body: AuthoriseBatch, o?: WriteOptions) =>
      write(send, `${at(code)}/authorisation`, body, o),
    revokeAuthorisation: (code: string, reason: string, o?: WriteOptions) =>
      write(send, `${at(code)}/authorisation/revoke`, { reason }, o),
    pause,
    unpause,
    /** Where one tonne is. */
    serial: (code: string, serial: t.Quantity) => read<Serial>(send, `${at(code)}/serials/${segment(serial)}`),
  };
}

function events(send: Transport) {
  type Filters = { contract?: ContractName; name?: string; fromBlock?: number; toBlock?: number; txHash?: t.Hash };
  const { list, all } = collection<LedgerEvent, Filters>(send, "/v1/events");
  return { list, all };
}

function apiKeys(send: Transport) {
  const path = "/v1/api-keys";
  const { list, all } = collection<t.ApiKeyInfo>(send, path);
  return {
    list,
    all,
    /** Not repeated on failure: each answer shows another secret, once. */
    create: (body: CreateApiKey) => send<t.NewApiKey>({ method: "POST", path, body, repeatable: false }),
    revoke: (id: string) => send<null>({ method: "DELETE", path: `${path}/${segment(id)}`, repeatable: true }),
  };
}
