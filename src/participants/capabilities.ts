/** The bits of `Capabilities.sol`, as the API names them. */
export const CAPABILITIES = ["trade-allowances", "trade-credits", "develop-projects", "hold-buffer"] as const;
export type Capability = (typeof CAPABILITIES)[number];

export function capabilityBits(capabilities: readonly Capability[]): number {
  return capabilities.reduce((bits, capability) => bits | (1 << CAPABILITIES.indexOf(capability)), 0);
}

export function capabilitiesOf(bits: number): Capability[] {
  return CAPABILITIES.filter((_, place) => (bits & (1 << place)) !== 0);
}
