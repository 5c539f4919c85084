import { getAddress } from "ethers";

import type { Json, LedgerEvent } from "../event-types.js";
import { createEventDecoder, type EventDecoder, type LedgerAddresses } from "../events.js";
import type { Receipt } from "../rpc-shapes.js";
import type { Mined } from "./witness.js";
import { exchangeIdentifiers } from "./exchange-results.js";

/** What came of an operation: identifiers of the resources that it made or changed, as in the API. */
export type OperationResult = Record<string, Json>;

/** What the events of a batch say about its items. */
export interface BatchOutcome {
  /** Result by intent hash. */
  readonly executed: ReadonlyMap<string, OperationResult>;
  /** Revert data by place in the batch. */
  readonly failed: ReadonlyMap<number, string>;
}

/** Reads what transactions did. */
export interface ResultReader {
  readReceipt(receipt: Receipt): Mined;
  readBatch(mined: Mined): BatchOutcome;
  readCall(mined: Mined): OperationResult;
}

export function createResultReader(addresses: LedgerAddresses): ResultReader {
  const decode = createEventDecoder(addresses);
  return {
    readReceipt(receipt) {
      const { transactionHash, blockNumber, succeeded } = receipt;
      return { transactionHash, blockNumber, succeeded, events: eventsOf(decode, receipt) };
    },
    readBatch: ({ events }) => batchOutcome(events, addresses),
    readCall: ({ events }) => resultOf(events, addresses),
  };
}

function eventsOf(decode: EventDecoder, receipt: Receipt): LedgerEvent[] {
  return receipt.logs.flatMap((log) => {
    const { transactionHash: txHash, logIndex, ...rest } = log;
    return decode({ ...rest, txHash, logIndex: Number(logIndex) }) ?? [];
  });
}

/**
 * An item of a batch announces itself by `IntentExecuted`, and what it causes follows; only a revocation ends with it, right after the
 * `NonceRevoked` that is all it causes. Any other `NonceRevoked` is the own act of a wallet that was called. An item that fails leaves nothing but `IntentFailed`.
 */
function batchOutcome(events: readonly LedgerEvent[], addresses: LedgerAddresses): BatchOutcome {
  const groups = new Map<string, LedgerEvent[]>();
  const failed = new Map<number, string>();
  let group: LedgerEvent[] = [];
  for (const [index, event] of events.entries()) {
    if (event.name === "IntentExecuted") {
      const before = event.args.kind === "revocation" ? events.slice(Math.max(0, index - 1), index) : [];
      group = [event, ...before];
      groups.set(event.args.intentHash, group);
    } else if (event.name === "IntentFailed") {
      group = [];
      failed.set(Number(event.args.index), event.args.reason);
    } else if (event.name !== "NonceRevoked") {
      group.push(event);
    }
  }
  const executed = new Map([...groups].map(([hash, own]) => [hash, resultOf(own, addresses)]));
  return { executed, failed };
}

function resultOf(events: readonly LedgerEvent[], addresses: LedgerAddresses): OperationResult {
  return Object.assign({}, ...events.map((event) => identifiersOf(event, addresses))) as OperationResult;
}

function identifiersOf(event: LedgerEvent, addresses: LedgerAddresses): OperationResult {
  switch (event.name) {
    case "IntentExecuted":
      return { intentHash: event.args.intentHash };
    case "NonceRevoked":
      return { account: event.args.account, revokedNonce: event.args.nonce };
    case "BlocksMoved":
      // The movement that the read model counts as a transfer: from a holder to a holder. A burn and an issue have one side only.
      if (isNobody(event.args.from) || isNobody(event.args.to)) return {};
      return { transferId: `${event.blockNumber}-${event.logIndex}`, blocks: event.args.blocks as unknown as Json };
    case "Retired":
      return {
        retirementId: event.args.retirementId,
        recordHash: event.args.recordHash,
        blocks: event.args.order.blocks as unknown as Json,
        certificate: { contract: getAddress(addresses.Retirements), tokenId: event.args.retirementId },
      };
    case "Cancelled":
      return {
        cancellationId: event.args.cancellationId,
        recordHash: event.args.recordHash,
        blocks: event.args.order.blocks as unknown as Json,
      };
    case "ParticipantAdmitted":
      return { participantId: event.args.participantId, taxCode: event.args.taxCode };
    case "ParticipantSuspended":
    case "ParticipantReinstated":
    case "ParticipantClosed":
    case "ParticipantUpdated":
      return { participantId: event.args.participantId };
    case "AccountAdded":
    case "AccountRemoved":
      return { participantId: event.args.participantId, account: event.args.account };
    case "AccountReplacementWithdrawn":
      return { participantId: event.args.participantId, lostAccount: event.args.lostAccount };
    case "AccountReplacementProposed":
    case "AccountReplaced": {
      const { participantId, lostAccount, newAccount } = event.args;
      return { participantId, lostAccount, newAccount };
    }
    default:
      return registryIdentifiers(event);
  }
}

function registryIdentifiers(event: LedgerEvent): OperationResult {
  switch (event.name) {
    case "ProjectListed":
    case "ProjectStatusChanged":
    case "ProjectDocumentChanged":
      return { project: event.args.projectCode };
    case "StatementRecorded":
      return { statementId: event.args.statementId, project: event.args.projectCode };
    case "IssuanceProposed":
    case "IssuanceApproved":
    case "IssuanceRejected":
      return { issuanceId: event.args.issuanceId, batch: event.args.batchCode };
    case "BatchIssued":
    case "BatchAuthorised":
    case "BatchAuthorisationRevoked":
    case "BatchPaused":
    case "BatchUnpaused":
      return { batch: event.args.batchId };
    case "Recovered": {
      const { lostAccount, newAccount, batchId, tonnes } = event.args;
      return { lostAccount, newAccount, batch: batchId, tonnes };
    }
    case "Paused":
    case "Unpaused":
      return { paused: event.name === "Paused" };
    case "BufferAccountChanged":
      return { bufferAccount: event.args.to };
    case "Frozen":
      return { account: event.args.account, batch: event.args.tokenId, frozenTonnes: event.args.amount };
    case "OperationScheduled":
    case "OperationCanceled": {
      const operationId = event.args["operationId"];
      return operationId === undefined ? {} : { scheduledOperationId: operationId };
    }
    default:
      return exchangeIdentifiers(event);
  }
}

function isNobody(account: string): boolean {
  return /^0x0{40}$/.test(account);
}
