import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import canonicalize from "canonicalize";

/** A natural person behind a commitment. */
export interface Person {
  readonly name: string;
  readonly identifier: string | null;
  /** 32 bytes, 0x and hex. */
  readonly salt: string;
}

const PREFIX = "carbon-ledger/beneficiary/1";

/**
 * The commitment to a person that stands in a retirement: it tells nothing to whoever lacks the salt, and who has it can prove the name.
 * @returns 0x and lower-case hex. @throws RangeError for a salt that is not 32 bytes
 */
export function beneficiaryCommitment({ name, identifier, salt }: Person): string {
  if (!/^0x[0-9a-fA-F]{64}$/.test(salt)) throw new RangeError("A salt has 32 bytes");
  const words = canonicalize({ identifier, name: name.normalize("NFC") });
  if (words === undefined) throw new RangeError("A name is a text");
  const committed = concatBytes(utf8ToBytes(PREFIX), hexToBytes(salt.slice(2)), utf8ToBytes(words));
  return `0x${bytesToHex(keccak_256(committed))}`;
}
