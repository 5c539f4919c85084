import { collection, pages, read, remove, segment, settle, write, type Collection } from "./calls.js";
import type {
  AddedAccount,
  AdmitParticipant,
  AuthoriseBatch,
  CancellationInput,
  CreateApiKey,
  ForcedTransfer,
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
import { createTransport, type Query, type Transport, type TransportOptions } from "./transport.js";
import type * as t from "./types.js";

export type ClientOptions = TransportOptions;
export type Client = ReturnType<typeof createClient>;

type Acts = (id: string | number, options?: WriteOptions) => Promise<t.Operation>;

/**
 * The API as functions. Reads give the resource; acts give the `Operation`, as far as it has come within `waitSeconds`
 * (see `operations.settle`). Requests are repeated on network failure, 429 and 503 under one idempotency key.
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
    transfers: acts<t.Transfer, TransferInput>(send, "/v1/transfers"),
    retirements: {
      ...acts<t.Retirement, RetirementInput>(send, "/v1/retirements"),
      certificate: (id: string) => read<t.PublicDocument>(send, `/v1/retirements/${segment(id)}/certificate`),
    },
    cancellations: acts<t.Cancellation, CancellationInput>(send, "/v1/cancellations"),
    intents: {
      /** Up to 100 signed intents of any kinds at once. Each has its own answer, in their order: nothing is thrown for one that is refused. */
      send: (items: readonly SignedItem[]) =>
        send<{ items: readonly t.IntentAnswer[] }>({
          method: "POST",
          path: "/v1/intents",
          body: { items: items.map(({ kind, intent, signature }) => ({ kind, intent, signature })) },
          repeatable: true,
        }),
    },
    revocations: {
      create: (body: RevocationInput | SignedBody, o?: WriteOptions) => write(send, "/v1/revocations", body, o),
    },
    operations: {
      ...collection<t.Operation, { status?: string; kind?: string; account?: string; participantId?: number }>(
        send,
        "/v1/operations",
      ),
      /** Waits until it is final (default: 60 s). Throws `ApiProblem` when it was rejected. */
      settle: (operation: t.Operation, timeoutSeconds = 60) => settle(send, operation, timeoutSeconds),
    },
    events: events(send),
    transactions: {
      get: (hash: t.Hash) => read<t.Transaction>(send, `/v1/transactions/${segment(hash)}`),
      /** Delivers a transaction that its sender signed. */
      send: (raw: string, o?: WriteOptions) => write(send, "/v1/transactions", { raw }, o),
    },
    chain: { get: () => read<t.Chain>(send, "/v1/chain") },
    /** The emergency stop of all units. */
    units: {
      pause: (reason?: string, o?: WriteOptions) => write(send, "/v1/pause", { reason: reason ?? null }, o),
      unpause: (o?: WriteOptions) => write(send, "/v1/unpause", {}, o),
    },
    bufferAccount: {
      set: (account: t.Address, o?: WriteOptions) => write(send, "/v1/buffer-account", { account }, o),
      schedule: (account: t.Address, o?: WriteOptions) => write(send, "/v1/buffer-account/schedule", { account }, o),
    },
    scheduledOperations: {
      /** By the id in the result of what scheduled it. */
      cancel: (id: t.Hash, o?: WriteOptions) => write(send, `/v1/scheduled-operations/${segment(id)}/cancel`, {}, o),
    },
    ...marketCalls(send, options),
    errors: { list: () => read<{ items: readonly t.ErrorRow[] }>(send, "/v1/errors") },
    apiKeys: apiKeys(send),
  };
}

function participants(send: Transport) {
  const path = "/v1/participants";
  const at = (id: number): string => `${path}/${segment(id)}`;
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
    accounts: (id: number, filter?: ReadOptions) => read<t.Page<t.Account>>(send, `${at(id)}/accounts`, filter),
    addAccount: (id: number, body: AddedAccount, o?: WriteOptions) => write(send, `${at(id)}/accounts`, body, o),
    removeAccount: (id: number, address: t.Address, o?: WriteOptions) =>
      remove(send, `${at(id)}/accounts/${segment(address)}`, o),
  };
}

function accounts(send: Transport) {
  const at = (address: t.Address): string => `/v1/accounts/${segment(address)}`;
  return {
    get: (address: t.Address, o?: ReadOptions) => read<t.Account>(send, at(address), o),
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

function issuances(send: Transport) {
  const path = "/v1/issuances";
  return {
    ...collection<t.Issuance, { status?: t.IssuanceStatus; batch?: string; statementId?: t.Hash }>(send, path),
    propose: (body: ProposeIssuance, o?: WriteOptions) => write(send, path, body, o),
    approve: (id: t.Hash, o?: WriteOptions) => write(send, `${path}/${segment(id)}/approve`, {}, o),
    reject: (id: t.Hash, reason: string, o?: WriteOptions) =>
      write(send, `${path}/${segment(id)}/reject`, { reason }, o),
  };
}

function batches(send: Transport) {
  const path = "/v1/batches";
  const at = (code: string | number): string => `${path}/${segment(code)}`;
  const pause: Acts = (code, o) => write(send, `${at(code)}/pause`, {}, o);
  const unpause: Acts = (code, o) => write(send, `${at(code)}/unpause`, {}, o);
  return {
    ...collection<t.Batch, { projectCode?: string; vintage?: number }>(send, path),
    authorise: (code: string, body: AuthoriseBatch, o?: WriteOptions) =>
      write(send, `${at(code)}/authorisation`, body, o),
    revokeAuthorisation: (code: string, reason: string, o?: WriteOptions) =>
      write(send, `${at(code)}/authorisation/revoke`, { reason }, o),
    pause,
    unpause,
    /** Where one tonne is. */
    serial: (code: string, serial: t.Quantity) => read<t.Serial>(send, `${at(code)}/serials/${segment(serial)}`),
  };
}

function holdings(send: Transport) {
  const path = "/v1/holdings";
  const at = (account: t.Address, batch: string): string => `${path}/${segment(account)}/${segment(batch)}`;
  type Filters = { account?: t.Address; participantId?: number; batch?: string };
  const { list, all } = collection<t.Holding, Filters>(send, path);
  return {
    list,
    all,
    get: (account: t.Address, batch: string, o?: ReadOptions) => read<t.Holding>(send, at(account, batch), o),
    blocks: (account: t.Address, batch: string): AsyncGenerator<t.Block, void, undefined> =>
      pages((filter) => read<t.Page<t.Block>>(send, `${at(account, batch)}/blocks`, filter)),
    /** Sets the amount that the holder may not move. */
    freeze: (account: t.Address, batch: string, tonnes: t.Quantity, o?: WriteOptions) =>
      write(send, `${at(account, batch)}/freeze`, { tonnes }, o),
    /** Moves units without the holder. Where the role has a delay, it must be scheduled first. */
    forceTransfer: (account: t.Address, batch: string, body: ForcedTransfer, o?: WriteOptions) =>
      write(send, `${at(account, batch)}/forced-transfer`, body, o),
    scheduleForcedTransfer: (account: t.Address, batch: string, body: ForcedTransfer, o?: WriteOptions) =>
      write(send, `${at(account, batch)}/forced-transfer/schedule`, body, o),
  };
}

/** Acts of a holder: with a signed intent (`createFirm` makes them), or in the name of a managed account with its API key. */
interface HolderActs<Item, Input> extends Collection<Item, ActFilter> {
  readonly create: (body: Input | SignedBody, options?: WriteOptions) => Promise<t.Operation>;
}

function acts<Item, Input>(send: Transport, path: string): HolderActs<Item, Input> {
  return { ...collection<Item, ActFilter>(send, path), create: (body, o) => write(send, path, body, o) };
}

function events(send: Transport) {
  type Filters = { contract?: string; name?: string; fromBlock?: number; toBlock?: number; txHash?: t.Hash };
  const { list, all } = collection<t.LedgerEvent, Filters>(send, "/v1/events");
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

interface ActFilter extends Query {
  readonly account?: t.Address;
  readonly participantId?: number;
  readonly batch?: string;
}
