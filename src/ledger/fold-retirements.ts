import type { LedgerEvent, SerialBlockJson } from "../chain/event-types.js";
import type { Folds, FoldState } from "./fold-state.js";
import { burning, rangeOf } from "./fold-units.js";
import { monthOf } from "./months.js";
import type { Row } from "./row-cache.js";
import { vectorOf } from "./search-text.js";

const NO_COMMITMENT = `0x${"00".repeat(32)}`;

/** Retirements and cancellations: what the serials that were just burnt were for. */
export const retirementFolds: Folds<"Retired" | "Cancelled"> = {
  async Retired(state, event) {
    const { args, blockNumber, logIndex, txHash } = event;
    const { order, batchId, account } = args;
    const id = BigInt(args.retirementId);
    const { project_code, vintage } = await takeOut(state, event, { ...args, recordId: id, state: "retired" });
    const month = monthOf(BigInt(args.retiredAt));
    state.rows.retirements.put({
      id,
      batch_code: batchId,
      tonnes: BigInt(order.tonnes),
      blocks: [...order.blocks],
      account,
      participant_id: args.participantId,
      beneficiary: order.beneficiary,
      beneficiary_id: order.beneficiaryId,
      beneficiary_commitment: order.beneficiaryCommitment === NO_COMMITMENT ? null : order.beneficiaryCommitment,
      purpose: order.purpose,
      reason: order.reason,
      details: order.details,
      consumption_country: order.consumptionCountry,
      consumption_period_start: order.consumptionPeriodEnd === 0 ? null : BigInt(order.consumptionPeriodStart),
      consumption_period_end: order.consumptionPeriodEnd === 0 ? null : BigInt(order.consumptionPeriodEnd),
      retired_at: BigInt(args.retiredAt),
      record_hash: args.recordHash,
      intent_hash: state.transaction(event).takeIntent("retirement", account),
      block_number: blockNumber,
      log_index: logIndex,
      tx_hash: txHash,
      project_code,
      vintage,
      month,
      search: vectorOf([order.beneficiaryId, order.reason, order.details, batchId, account], [order.beneficiary]),
    });
    const keys = {
      all: "",
      project: project_code,
      batch: batchId,
      firm: args.participantId,
      vintage,
      purpose: order.purpose,
    };
    state.rollups.count({ subject: "retirements", month, tonnes: BigInt(order.tonnes), keys });
  },

  async Cancelled(state, event) {
    const { args, blockNumber, logIndex, txHash } = event;
    const { order, batchId, account } = args;
    const id = BigInt(args.cancellationId);
    const { project_code, vintage } = await takeOut(state, event, { ...args, recordId: id, state: "cancelled" });
    const month = monthOf(BigInt(args.cancelledAt));
    state.rows.cancellations.put({
      id,
      batch_code: batchId,
      tonnes: BigInt(order.tonnes),
      blocks: [...order.blocks],
      account,
      participant_id: args.participantId,
      reason: order.reason,
      details: order.details,
      cancelled_at: BigInt(args.cancelledAt),
      record_hash: args.recordHash,
      intent_hash: state.transaction(event).takeIntent("cancellation", account),
      block_number: blockNumber,
      log_index: logIndex,
      tx_hash: txHash,
      project_code,
      vintage,
      month,
      search: vectorOf([order.details, batchId, account]),
    });
    const keys = {
      all: "",
      project: project_code,
      batch: batchId,
      firm: args.participantId,
      vintage,
      reason: order.reason,
    };
    state.rollups.count({ subject: "cancellations", month, tonnes: BigInt(order.tonnes), keys });
  },
};

interface Leaving {
  readonly batchId: string;
  readonly account: string;
  readonly order: { readonly tonnes: string; readonly blocks: readonly SerialBlockJson[] };
  readonly recordId: bigint;
  readonly state: "retired" | "cancelled";
}

/** Serials that were burnt get their last place, and their batch counts them there. @returns the batch */
async function takeOut(folded: FoldState, event: LedgerEvent, leaving: Leaving): Promise<Row<"batches">> {
  const { serials, rows } = folded;
  const { batchId, account, order, recordId, state } = leaving;
  const tonnes = BigInt(order.tonnes);
  const burn = folded.transaction(event).lastBurn(batchId, account);
  if (burn !== undefined) {
    burn.kind = state === "retired" ? "retirement" : "cancellation";
    burn.record_id = recordId;
  }
  serials.move(batchId, order.blocks.map(rangeOf), burning(account), { state, account, recordId });
  const counted = `${state}_tonnes` as const;
  return await rows.batches.change({ code: batchId }, (batch) => ({
    held_tonnes: batch.held_tonnes - tonnes,
    [counted]: batch[counted] + tonnes,
  }));
}
