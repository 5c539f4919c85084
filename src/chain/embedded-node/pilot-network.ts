import type { EdrNetworkUserConfig } from "hardhat/types/config";

/** Private, and different from every well-known development chain. */
export const PILOT_CHAIN_ID = 84_511;

/**
 * The network that the embedded node serves. Everything here goes into the genesis block or into the blocks, so a change
 * makes existing journals foreign or unreplayable.
 */
export const PILOT_NETWORK = {
  type: "edr-simulated",
  chainType: "l1",
  hardfork: "cancun",
  chainId: PILOT_CHAIN_ID,
  initialDate: "2026-01-01T00:00:00Z",
  initialBaseFeePerGas: 0,
  gasPrice: 0,
  blockGasLimit: 60_000_000,
  allowBlocksWithSameTimestamp: true,
  loggingEnabled: false,
} as const satisfies EdrNetworkUserConfig;
