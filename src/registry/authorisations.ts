/** The bits of `Authorisations.sol`, lowest first. */
export const AUTHORISATIONS = ["NDC", "IMP", "OP"] as const;
export type Authorisation = (typeof AUTHORISATIONS)[number];

/** From this vintage on, use for CORSIA needs an authorisation for international mitigation purposes (`Registry.sol`). */
const CORSIA_AUTHORISATION_VINTAGE = 2021;

export function bitsOf(authorisations: readonly Authorisation[]): number {
  return authorisations.reduce((bits, authorisation) => bits | (1 << AUTHORISATIONS.indexOf(authorisation)), 0);
}

export function authorisationsOf(bits: number): Authorisation[] {
  return AUTHORISATIONS.filter((_, place) => (bits & (1 << place)) !== 0);
}

/** The twin of `Registry.isCorsiaEligible`. */
export function isCorsiaEligible(vintage: number, bits: number): boolean {
  return vintage < CORSIA_AUTHORISATION_VINTAGE || authorisationsOf(bits).includes("IMP");
}
