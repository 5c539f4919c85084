import type { Folds } from "./fold-state.js";
import { burning, rangeOf } from "./fold-units.js";

const NO_COMMITMENT = `0x${"00".repeat(32)}`;

/** Retirements and cancellations: what the serials that were just burnt were for. */
export const retirementFolds: Folds<"Retired" | "Cancelled"> = {
  async Retired(state, event) {
    const { args, blockNumber, logIndex, txHash } = event;
    const { order, batchId, account } = args;
    const id = BigInt(args.retirementId);
    const tonnes = BigInt(order.tonnes);
    state.serials.move(batchId, order.blocks.map(rangeOf), burning(account), {
      state: "retired",
      account,
      recordId: id,
    });
    await state.rows.batches.change({ code: batchId }, (batch) => ({
      held_tonnes: batch.held_tonnes - tonnes,
      retired_tonnes: batch.retired_tonnes + tonnes,
    }));
    state.rows.retirements.put({
      id,
      batch_code: batchId,
      tonnes,
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
    });
  },

  async Cancelled(state, event) {
    const { args, blockNumber, logIndex, txHash } = event;
    const { order, batchId, account } = args;
    const id = BigInt(args.cancellationId);
    const tonnes = BigInt(order.tonnes);
    state.serials.move(batchId, order.blocks.map(rangeOf), burning(account), {
      state: "cancelled",
      account,
      recordId: id,
    });
    await state.rows.batches.change({ code: batchId }, (batch) => ({
      held_tonnes: batch.held_tonnes - tonnes,
      cancelled_tonnes: batch.cancelled_tonnes + tonnes,
    }));
    state.rows.cancellations.put({
      id,
      batch_code: batchId,
      tonnes,
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
    });
  },
};
