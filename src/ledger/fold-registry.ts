import type { LedgerEvent } from "../chain/event-types.js";
import type { Folds } from "./fold-state.js";
import { monthOf } from "./months.js";
import { FoldError } from "./row-cache.js";

/** Projects, verification statements, issuances, batches and their labels, foreign blocks. */
export const registryFolds: Folds<
  | "ProjectListed"
  | "ProjectStatusChanged"
  | "ProjectDocumentChanged"
  | "StatementRecorded"
  | "IssuanceProposed"
  | "IssuanceApproved"
  | "IssuanceRejected"
  | "BatchIssued"
  | "ForeignBlockRecorded"
  | "BatchAuthorised"
  | "BatchAuthorisationRevoked"
  | "BufferAccountChanged"
> = {
  ProjectListed({ rows }, { args, blockNumber, txHash }) {
    rows.projects.put({
      code: args.projectCode,
      owner_id: args.ownerId,
      status: "listed",
      buffer_basis_points: args.bufferBasisPoints,
      document_hash: args.documentHash,
      listed_block: blockNumber,
      tx_hash: txHash,
      updated_block: blockNumber,
    });
  },

  async ProjectStatusChanged({ rows }, { args, blockNumber }) {
    await rows.projects.change({ code: args.projectCode }, { status: args.to, updated_block: blockNumber });
  },

  async ProjectDocumentChanged({ rows }, { args, blockNumber }) {
    await rows.projects.change(
      { code: args.projectCode },
      { document_hash: args.documentHash, updated_block: blockNumber },
    );
  },

  StatementRecorded({ rows }, { args, blockNumber, txHash }) {
    rows.statements.put({
      id: args.statementId,
      project_code: args.projectCode,
      verifier: args.verifier,
      period_start: BigInt(args.periodStart),
      period_end: BigInt(args.periodEnd),
      verified_tonnes: BigInt(args.verifiedTonnes),
      claimed_tonnes: 0n,
      report_hash: args.reportHash,
      block_number: blockNumber,
      tx_hash: txHash,
    });
  },

  async IssuanceProposed({ rows }, { args, blockNumber, txHash }) {
    const { issuance } = args;
    const { foreignBlock } = issuance;
    const isImport = foreignBlock.programme !== null;
    const tonnes = BigInt(issuance.tonnes);
    const statement = await rows.statements.change({ id: issuance.statementId }, ({ claimed_tonnes }) => ({
      claimed_tonnes: claimed_tonnes + tonnes,
    }));
    rows.issuances.put({
      id: args.issuanceId,
      batch_code: args.batchCode,
      statement_id: issuance.statementId,
      project_code: statement.project_code,
      vintage: issuance.vintage,
      tonnes,
      recipient: issuance.recipient,
      foreign_programme: foreignBlock.programme,
      foreign_series: foreignBlock.series,
      foreign_start: isImport ? BigInt(foreignBlock.start) : null,
      foreign_end: isImport ? BigInt(foreignBlock.end) : null,
      document_hash: issuance.documentHash,
      status: "proposed",
      proposer: args.proposer,
      approver: null,
      rejecter: null,
      reason_hash: null,
      proposed_block: blockNumber,
      proposed_tx_hash: txHash,
      decided_block: null,
      decided_tx_hash: null,
    });
  },

  async IssuanceApproved(state, { args, blockNumber, txHash }) {
    const change = {
      status: "approved",
      approver: args.approver,
      decided_block: blockNumber,
      decided_tx_hash: txHash,
    } as const;
    const issuance = await state.rows.issuances.change({ id: args.issuanceId }, change);
    const month = monthOf(state.timestampOf(blockNumber));
    const keys = { all: "", project: issuance.project_code, vintage: issuance.vintage };
    state.rollups.count({ subject: "issuances", month, tonnes: issuance.tonnes, keys });
  },

  async IssuanceRejected({ rows }, { args, blockNumber, txHash }) {
    const issuance = await rows.issuances.change(
      { id: args.issuanceId },
      {
        status: "rejected",
        rejecter: args.rejecter,
        reason_hash: args.reasonHash,
        decided_block: blockNumber,
        decided_tx_hash: txHash,
      },
    );
    await rows.statements.change({ id: issuance.statement_id }, ({ claimed_tonnes }) => ({
      claimed_tonnes: claimed_tonnes - issuance.tonnes,
    }));
  },

  async BatchIssued({ rows }, { args, blockNumber, txHash }) {
    if ((await rows.batches.get({ code: args.batchId })) !== undefined)
      throw new FoldError(`batch ${args.batchId} issued twice`);
    const tonnes = BigInt(args.tonnes);
    rows.batches.put({
      code: args.batchId,
      project_code: args.projectCode,
      statement_id: args.statementId,
      vintage: args.vintage,
      issued_tonnes: tonnes,
      held_tonnes: tonnes,
      retired_tonnes: 0n,
      cancelled_tonnes: 0n,
      buffer_tonnes: BigInt(args.bufferTonnes),
      authorisations: 0,
      first_transfer: "unspecified",
      authorisation_document_hash: null,
      authorisation_revoked: false,
      // A paused batch cannot be issued.
      paused: false,
      issued_block: blockNumber,
      tx_hash: txHash,
    });
  },

  ForeignBlockRecorded({ rows }, { args, blockNumber, txHash }) {
    rows.foreign_blocks.put({
      programme: args.programme,
      series: args.series,
      start_serial: BigInt(args.start),
      end_serial: BigInt(args.end),
      batch_code: args.batchId,
      block_number: blockNumber,
      tx_hash: txHash,
    });
  },

  async BatchAuthorised({ rows }, { args }) {
    await rows.batches.change(
      { code: args.batchId },
      {
        authorisations: args.authorisations,
        first_transfer: args.firstTransfer,
        authorisation_document_hash: args.documentHash,
      },
    );
  },

  async BatchAuthorisationRevoked({ rows }, { args }) {
    await rows.batches.change({ code: args.batchId }, { authorisations: 0, authorisation_revoked: true });
  },

  BufferAccountChanged({ rows }, { args }) {
    rows.ledger_state.put({ name: "bufferAccount", value: args.to });
  },
};

/** Codes and ids of what these events touch: an import of another registry touches thousands. */
export function registryKeysOf(events: readonly LedgerEvent[]) {
  const keys = {
    projects: [] as string[],
    statements: [] as string[],
    issuances: [] as string[],
    batches: [] as string[],
  };
  for (const { name, args } of events) {
    if (name === "ProjectListed" || name === "ProjectStatusChanged") keys.projects.push(args.projectCode);
    else if (name === "StatementRecorded") keys.statements.push(args.statementId);
    else if (name === "IssuanceProposed") {
      keys.statements.push(args.issuance.statementId);
      keys.issuances.push(args.issuanceId);
    } else if (name === "IssuanceApproved") keys.issuances.push(args.issuanceId);
    else if (name === "BatchIssued") keys.batches.push(args.batchId);
  }
  return keys;
}
