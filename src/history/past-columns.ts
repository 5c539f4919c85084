import type { Column } from "../exports/ports.js";
import type { BatchAt, PositionAt } from "../ledger/read/as-of.js";
import type { CashEntry, StatementMovement } from "../ledger/read/cash-statement.js";
import type { UnitEntry } from "../ledger/read/unit-statement.js";
import type { HoldingView } from "../ledger/read/units.js";
import { AUTHORISATIONS, CAPABILITIES, namesOfBits } from "./labels.js";
import type { KnownParticipantAt } from "./past-service.js";

/** In a field of its own, several words stand side by side. */
const words = (all: readonly string[]): string => all.join(" ");

interface OfBatch {
  readonly code: string;
  readonly project: string;
  readonly vintage: number;
}

const BATCH: readonly Column<OfBatch>[] = [
  { name: "batch", kind: "text", of: ({ code }) => code },
  { name: "projectCode", kind: "text", of: ({ project }) => project },
  { name: "vintage", kind: "number", of: ({ vintage }) => BigInt(vintage) },
];

export const HOLDING_COLUMNS: readonly Column<HoldingView>[] = [
  { name: "account", kind: "text", of: ({ account }) => account },
  { name: "participantId", kind: "number", isNullable: true, of: ({ participantId }) => integerOf(participantId) },
  { name: "batch", kind: "text", of: ({ batch }) => batch },
  { name: "tonnes", kind: "integer", of: ({ tonnes }) => tonnes },
  { name: "frozenTonnes", kind: "integer", of: ({ frozenTonnes }) => frozenTonnes },
];

export const POSITION_COLUMNS: readonly Column<PositionAt>[] = [
  { name: "account", kind: "text", of: ({ account }) => account },
  { name: "participantId", kind: "number", isNullable: true, of: ({ participantId }) => integerOf(participantId) },
  { name: "batch", kind: "text", isNullable: true, of: ({ batch }) => batch },
  { name: "amount", kind: "money", of: ({ amount }) => amount },
  { name: "leaving", kind: "money", of: ({ leaving }) => leaving },
  { name: "availableAt", kind: "time", isNullable: true, of: ({ availableAt }) => availableAt },
];

export const SUPPLY_COLUMNS: readonly Column<BatchAt>[] = [
  ...BATCH,
  { name: "issuedTonnes", kind: "integer", of: ({ issuedTonnes }) => issuedTonnes },
  { name: "heldTonnes", kind: "integer", of: ({ heldTonnes }) => heldTonnes },
  { name: "retiredTonnes", kind: "integer", of: ({ retiredTonnes }) => retiredTonnes },
  { name: "cancelledTonnes", kind: "integer", of: ({ cancelledTonnes }) => cancelledTonnes },
  { name: "bufferTonnes", kind: "integer", of: ({ bufferTonnes }) => bufferTonnes },
  { name: "paused", kind: "text", of: ({ paused }) => String(paused) },
  { name: "changedBlock", kind: "number", of: ({ changedBlock }) => changedBlock },
];

export const LABEL_COLUMNS: readonly Column<BatchAt>[] = [
  ...BATCH,
  { name: "authorisations", kind: "text", of: (batch) => words(namesOfBits(AUTHORISATIONS, batch.authorisations)) },
  { name: "firstTransfer", kind: "text", of: ({ firstTransfer }) => firstTransfer },
  { name: "authorisationDocumentHash", kind: "text", isNullable: true, of: (batch) => batch.authorisationDocumentHash },
  { name: "authorisationRevoked", kind: "text", of: ({ authorisationRevoked }) => String(authorisationRevoked) },
  { name: "changedBlock", kind: "number", of: ({ changedBlock }) => changedBlock },
];

export const PARTICIPANT_COLUMNS: readonly Column<KnownParticipantAt>[] = [
  { name: "id", kind: "number", of: ({ id }) => BigInt(id) },
  { name: "taxCode", kind: "text", of: ({ taxCode }) => taxCode },
  { name: "name", kind: "text", isNullable: true, of: ({ name }) => name },
  { name: "status", kind: "text", of: ({ status }) => status },
  { name: "capabilities", kind: "text", of: (one) => words(namesOfBits(CAPABILITIES, one.capabilities)) },
  { name: "kycExpiresAt", kind: "time", of: ({ kycExpiresAt }) => kycExpiresAt },
  { name: "documentHash", kind: "text", of: ({ documentHash }) => documentHash },
  {
    name: "accounts",
    kind: "text",
    of: ({ accounts }) => words(accounts.map(({ address, status }) => `${address}:${status}`)),
  },
  { name: "changedBlock", kind: "number", of: ({ updatedBlock }) => updatedBlock },
];

/** Of each batch an `opening`, whatever changed it, and a `closing`: the tonnes between the two are what parts their balances. */
export const STATEMENT_COLUMNS: readonly Column<UnitEntry>[] = [
  { name: "batch", kind: "text", of: ({ batch }) => batch },
  { name: "kind", kind: "text", of: ({ kind }) => kind },
  { name: "tonnes", kind: "integer", isNullable: true, of: ({ tonnes }) => tonnes },
  { name: "balance", kind: "integer", of: ({ balance }) => balance },
  { name: "positionTonnes", kind: "integer", isNullable: true, of: ({ positionTonnes }) => positionTonnes },
  { name: "frozenTonnes", kind: "integer", isNullable: true, of: ({ frozenTonnes }) => frozenTonnes },
  { name: "counterparty", kind: "text", isNullable: true, of: ({ counterparty }) => counterparty },
  { name: "recordId", kind: "integer", isNullable: true, of: ({ recordId }) => recordId },
  { name: "timestamp", kind: "time", isNullable: true, of: ({ timestamp }) => timestamp },
  { name: "blockNumber", kind: "number", isNullable: true, of: ({ blockNumber }) => blockNumber },
  { name: "logIndex", kind: "number", isNullable: true, of: ({ logIndex }) => integerOf(logIndex) },
  { name: "txHash", kind: "text", isNullable: true, of: ({ txHash }) => txHash },
];

/** Of money, in minor units: an `opening`, what changed it, and a `closing`. */
export const CASH_STATEMENT_COLUMNS: readonly Column<CashEntry>[] = [
  { name: "kind", kind: "text", of: ({ kind }) => kind },
  { name: "amount", kind: "money", isNullable: true, of: (entry) => movementOf(entry)?.amount ?? null },
  { name: "balance", kind: "money", of: ({ balance }) => balance },
  { name: "fee", kind: "money", isNullable: true, of: (entry) => movementOf(entry)?.fee ?? null },
  { name: "counterparty", kind: "text", isNullable: true, of: (entry) => movementOf(entry)?.counterparty ?? null },
  { name: "reference", kind: "text", isNullable: true, of: (entry) => movementOf(entry)?.reference ?? null },
  { name: "redemptionId", kind: "integer", isNullable: true, of: (entry) => movementOf(entry)?.redemptionId ?? null },
  { name: "batch", kind: "text", isNullable: true, of: (entry) => movementOf(entry)?.batch ?? null },
  { name: "tonnes", kind: "integer", isNullable: true, of: (entry) => movementOf(entry)?.tonnes ?? null },
  { name: "price", kind: "money", isNullable: true, of: (entry) => movementOf(entry)?.price ?? null },
  { name: "intentHash", kind: "text", isNullable: true, of: (entry) => movementOf(entry)?.intentHash ?? null },
  { name: "timestamp", kind: "time", isNullable: true, of: (entry) => movementOf(entry)?.timestamp ?? null },
  { name: "id", kind: "text", isNullable: true, of: (entry) => movementOf(entry)?.id ?? null },
  { name: "txHash", kind: "text", isNullable: true, of: (entry) => movementOf(entry)?.txHash ?? null },
];

function movementOf(entry: CashEntry): StatementMovement | null {
  return "txHash" in entry ? entry : null;
}

function integerOf(value: number | null): bigint | null {
  return value === null ? null : BigInt(value);
}
