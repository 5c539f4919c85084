import { bytesToHex } from "@noble/hashes/utils.js";

import { batchIdOf } from "../chain/codes.js";
import { readHead } from "../verify/holding.js";
import * as slots from "../verify/storage-slots.js";

/** The slot of a retirement's hash. */
export function retirementSlot(id: bigint): string {
  return hex(slots.retirementSlot(id));
}

/** The first slot of a holding: total, number of blocks, and the first two of them. */
export function holdingSlot(account: string, batch: string): string {
  return hex(slots.holdingSlot(account.toLowerCase(), batchIdOf(batch)));
}

/** The further slots of a holding, in the order of a pack. @param head What the first slot has. */
export function furtherSlots(account: string, batch: string, head: bigint): string[] {
  const [holder, batchId] = [account.toLowerCase(), batchIdOf(batch)];
  const { tailWords, isMarked } = readHead(head);
  const tail = Array.from({ length: Number(tailWords) }, (_, at) => slots.tailSlot(holder, batchId, BigInt(at)));
  return [...(isMarked ? [slots.frozenSlot(holder, batchId)] : []), ...tail].map(hex);
}

function hex(bytes: Uint8Array): string {
  return `0x${bytesToHex(bytes)}`;
}
