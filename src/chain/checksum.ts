import { remembering } from "../memo.js";
import { keccak256OfText } from "./keccak.js";

/** The same few thousand accounts come again and again, in every log, receipt and request. */
const KNOWN_KEPT = 20_000;
const ofDigits = remembering(KNOWN_KEPT, compute);

/**
 * The EIP-55 form of an address.
 * @param address 0x and 40 hexadecimal digits of any case; not checked.
 */
export function checksummed(address: string): string {
  return ofDigits(address.slice(2).toLowerCase());
}

function compute(digits: string): string {
  const digest = keccak256OfText(digits).slice(2);
  const cased = Array.from(digits, (digit, index) =>
    parseInt(digest[index] ?? "0", 16) >= 8 ? digit.toUpperCase() : digit,
  );
  return `0x${cased.join("")}`;
}
