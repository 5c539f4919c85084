import type { SerialBlockJson } from "../chain/event-types.js";
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
    const { project_code, vintage } = await takeOut(state, { ...args, recordId: id, state: "retired" });
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
      month: monthOf(BigInt(args.retiredAt)),
      search: vectorOf([order.beneficiary, order.beneficiaryId, order.reason, order.details, batchId, account]),
    });
  },

  async Cancelled(state, event) {
    const { args, blockNumber, logIndex, txHash } = event;
    const { order, batchId, account } = args;
    const id = BigInt(args.cancellationId);
    const { project_code, vintage } = await takeOut(state, { ...args, recordId: id, state: "cancelled" });
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
      month: monthOf(BigInt(args.cancelledAt)),
      search: vectorOf([order.details, batchId, account]),
    });
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
async function takeOut({ serials, rows }: FoldState, leaving: Leaving): Promise<Row<"batches">> {
  const { batchId, account, order, recordId, state } = leaving;
  const tonnes = BigInt(order.tonnes);
  serials.move(batchId, order.blocks.map(rangeOf), burning(account), { state, account, recordId });
  const counted = `${state}_tonnes` as const;
  return await rows.batches.change({ code: batchId }, (batch) => ({
    held_tonnes: batch.held_tonnes - tonnes,
    [counted]: batch[counted] + tonnes,
  }));
}
