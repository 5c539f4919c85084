import { readFileSync } from "node:fs";

import type { Facts, TrustFile, Verdict } from "../../src/verify/types.js";

/** A file as somebody may get it, and what must be said to it. */
export interface Vector {
  readonly name: string;
  readonly accepted: boolean;
  readonly kind: Verdict["kind"];
  readonly reason: string | null;
  readonly facts: Facts | null;
  /** The text of the file. */
  readonly file: string;
}

export const VECTORS = JSON.parse(readFileSync("test/vectors/packs.json", "utf8")) as {
  readonly trust: TrustFile;
  readonly person: { readonly name: string; readonly identifier: string | null; readonly salt: string };
  readonly cases: readonly Vector[];
};
export const ACCEPTED_VECTORS = VECTORS.cases.filter(({ accepted }) => accepted);
