import { keccak256OfText } from "./keccak.js";

/** Already computed: the same few thousand accounts come again and again, in every log, receipt and request. */
const known = new Map<string, string>();
const KNOWN_KEPT = 20_000;

/**
 * The EIP-55 form of an address.
 * @param address 0x and 40 hexadecimal digits of any case; not checked.
 */
export function checksummed(address: string): string {
  const digits = address.slice(2).toLowerCase();
  const before = known.get(digits);
  if (before !== undefined) return before;
  if (known.size >= KNOWN_KEPT) known.clear();
  const computed = compute(digits);
  known.set(digits, computed);
  return computed;
}

function compute(digits: string): string {
  const digest = keccak256OfText(digits).slice(2);
  const cased = Array.from(digits, (digit, index) =>
    parseInt(digest[index] ?? "0", 16) >= 8 ? digit.toUpperCase() : digit,
  );
  return `0x${cased.join("")}`;
}
