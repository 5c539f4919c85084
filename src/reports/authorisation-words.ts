import type { AefPurpose } from "./picklists.js";

/** The bits of `Authorisations.sol`. */
const NDC = 1;
const IMP = 2;
const OP = 4;

/** Purposes of an authorisation as the agreed electronic format names them. IMP and OP together are OIMP, other international mitigation purposes. */
const NAMES: Readonly<Partial<Record<number, AefPurpose>>> = {
  [NDC]: "NDC",
  [IMP]: "IMP",
  [OP]: "OP",
  [NDC | IMP]: "NDC and IMP",
  [NDC | OP]: "NDC and OP",
  [IMP | OP]: "OIMP",
  [NDC | IMP | OP]: "NDC and OIMP",
};

/** @param bits Not 0. @throws Error for a bit that the registry does not know */
export function authorisationName(bits: number): AefPurpose {
  const name = NAMES[bits];
  if (name === undefined) throw new Error(`No authorisation has the bits ${bits}.`);
  return name;
}
