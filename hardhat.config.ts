import { createRequire } from "node:module";

import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import { defineConfig } from "hardhat/config";

const require = createRequire(import.meta.url);

/** The compiler that the npm package `solc` carries (WebAssembly): no download, the same on every platform. */
const compiler = {
  version: "0.8.37",
  path: require.resolve("solc/soljson.js"),
  settings: {
    evmVersion: "cancun",
    optimizer: { enabled: true, runs: 20_000 },
    outputSelection: { "*": { "*": ["storageLayout"] } },
  },
};

/** The pilot network's chain id: private, and different from every well-known development chain. */
const PILOT_CHAIN_ID = 84_511;

/** Instrumented contracts (`npm run coverage`) are larger than what a chain would take. */
const instrumented = process.env["HARDHAT_COVERAGE"] === "true";

const edr = {
  type: "edr-simulated",
  chainType: "l1",
  hardfork: "cancun",
  allowUnlimitedContractSize: instrumented,
} as const;

export default defineConfig({
  plugins: [hardhatEthers, hardhatTypechain],
  solidity: { profiles: { default: compiler, production: compiler } },
  coverage: { skipFiles: ["contracts/test/**"] },
  typechain: { outDir: "types/ethers-contracts" },
  networks: {
    default: edr,
    localhost: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" },
    /** What the embedded node serves: deterministic, so that its journal replays to the same block hashes. */
    pilot: {
      ...edr,
      chainId: PILOT_CHAIN_ID,
      initialDate: "2026-01-01T00:00:00Z",
      initialBaseFeePerGas: 0,
      gasPrice: 0,
      blockGasLimit: 60_000_000,
      allowBlocksWithSameTimestamp: true,
      loggingEnabled: false,
    },
  },
  test: {
    solidity: {
      fuzz: { runs: 256, seed: "0x2026" },
      invariant: { runs: 32, depth: 64, failOnRevert: false },
    },
  },
});
