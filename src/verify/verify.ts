import type { TrustFile, Verdict } from "./types.js";

export { parseTrust, TrustError } from "./trust.js";

export interface VerifyOptions {
  /** Whom the file's holder says a commitment stands for. */
  readonly person?: { readonly name: string; readonly identifier: string | null; readonly salt: string };
  /** What a manifest is about. `sha256`: 0x and lower-case hex. */
  readonly file?: { readonly bytes: bigint; readonly sha256: string };
}

/** Judges a proof pack, a certificate's PDF or an export's manifest, told apart by its first bytes. Never throws. */
export function verifyFile(_bytes: Uint8Array, _trust: TrustFile, _options: VerifyOptions = {}): Verdict {
  return {
    accepted: false,
    kind: "unknown",
    reasons: [{ code: "not-readable", message: "The file is neither a proof pack, a certificate nor a manifest." }],
    facts: null,
  };
}
