/** Bits of `Authorisations.sol`, lowest first, as the API names them. */
export const AUTHORISATIONS = ["NDC", "IMP", "OP"] as const;
/** Bits of `Capabilities.sol`, lowest first, as the API names them. */
export const CAPABILITIES = ["trade-allowances", "trade-credits", "develop-projects", "hold-buffer"] as const;

/** The names of the bits that are set. */
export function namesOfBits<Name extends string>(names: readonly Name[], bits: number): Name[] {
  return names.filter((_, place) => (bits & (1 << place)) !== 0);
}
