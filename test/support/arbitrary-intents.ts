import { getAddress, hexlify } from "ethers";
import fc, { type Arbitrary } from "fast-check";

import type { IntentKind } from "../../src/chain/event-types.js";
import type { IntentByKind, SerialBlock } from "../../src/chain/intents.js";

export const uint = (bits: bigint): Arbitrary<bigint> => fc.bigInt({ min: 0n, max: (1n << bits) - 1n });
export const bytes = (length: number): Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((value) => hexlify(value));
export const address = bytes(20).map((value) => getAddress(value));
const text = fc.string({ unit: "binary", maxLength: 80 });
const day = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const blocks: Arbitrary<SerialBlock[]> = fc.array(fc.record({ start: uint(64n), end: uint(64n) }), { maxLength: 5 });
const common = { account: address, nonce: uint(256n), deadline: uint(256n) };
const units = { batchId: uint(256n), tonnes: uint(256n), blocks };

/** Any value that the types allow, sensible or not: what is hashed is not judged. */
export const arbitraryIntents: { [K in IntentKind]: Arbitrary<IntentByKind[K]> } = {
  transfer: fc.record({ ...common, ...units, to: address }),
  retirement: fc.record({
    ...common,
    order: fc.record({
      ...units,
      beneficiary: text,
      beneficiaryId: text,
      beneficiaryCommitment: bytes(32),
      purpose: fc.integer({ min: 0, max: 3 }),
      reason: text,
      details: text,
      consumptionCountry: bytes(2),
      consumptionPeriodStart: day,
      consumptionPeriodEnd: day,
    }),
  }),
  cancellation: fc.record({
    ...common,
    order: fc.record({ ...units, reason: fc.integer({ min: 0, max: 4 }), details: text }),
  }),
  revocation: fc.record({ ...common, revokedNonce: uint(256n) }),
  "cash-transfer": fc.record({ ...common, to: address, amount: uint(256n) }),
  redemption: fc.record({ ...common, amount: uint(128n), payoutHash: bytes(32) }),
  "exchange-withdrawal": fc.record({ ...common, batchId: uint(256n), amount: uint(128n) }),
  "order-cancellation": fc.record({ ...common, batchId: uint(256n), orderNonce: uint(32n) }),
  "mass-cancellation": fc.record({ ...common, beforeNonce: uint(32n) }),
};
