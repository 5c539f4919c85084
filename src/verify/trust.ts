import { Rejection } from "./bytes.js";
import { readJson } from "./json.js";
import { address, decimal, listOf, objectOf, oneOf, ShapeError, text } from "./schema.js";
import { TRUST_FORMAT, type TrustFile } from "./types.js";

/** A trust file that cannot be used: a verifier without one believes nobody. */
export class TrustError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TrustError";
  }
}

const MAX_KEYS = 1_000;

const readTrust = objectOf<TrustFile>({
  format: oneOf(TRUST_FORMAT),
  chainId: decimal,
  contracts: objectOf<TrustFile["contracts"]>({ retirements: address, units: address }),
  validators: listOf(address, MAX_KEYS),
  checkpointSigners: listOf(objectOf<TrustFile["checkpointSigners"][number]>({ role: text, address }), MAX_KEYS),
  service: listOf(address, MAX_KEYS),
});

/**
 * Reads a trust file: JSON in any layout, with exactly the members of `TrustFile`. Addresses may be in either case.
 * @throws TrustError
 */
export function parseTrust(bytes: Uint8Array): TrustFile {
  try {
    const trust = readTrust(lowerCase(readJson(bytes)), "");
    if (new Set(trust.validators).size !== trust.validators.length) {
      throw new ShapeError("validators", "names one validator twice");
    }
    return trust;
  } catch (error) {
    if (error instanceof ShapeError || error instanceof Rejection) throw new TrustError(error.message);
    throw error;
  }
}

/** People copy addresses with the capitals of EIP-55. */
function lowerCase(value: unknown): unknown {
  if (typeof value === "string") return /^0x[0-9a-fA-F]{40}$/.test(value) ? value.toLowerCase() : value;
  if (Array.isArray(value)) return value.map(lowerCase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, lowerCase(member)]));
}
