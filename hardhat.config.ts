import { createRequire } from "node:module";

import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatTypechain from "@nomicfoundation/hardhat-typechain";
import { defineConfig } from "hardhat/config";

// With its real extension: in the tests' workers Node itself loads this file (native type stripping), and looks for no other.
import { PILOT_NETWORK } from "./src/chain/embedded-node/pilot-network.ts";

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

/** The exchange would be larger than what a chain takes: fewer runs, so that less is written out twice. */
const compact = { ...compiler, settings: { ...compiler.settings, optimizer: { enabled: true, runs: 1_000 } } };
/** Every relayed intent goes through it: the slower compiler saves a quarter of its steps. For all contracts it would take minutes. */
const optimised = { ...compiler, settings: { ...compiler.settings, viaIR: true } };
const overrides = { "contracts/Exchange.sol": compact, "contracts/Intents.sol": optimised };
const profile = { compilers: [compiler], overrides };

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
  solidity: { profiles: { default: profile, production: profile } },
  coverage: { skipFiles: ["contracts/test/**"] },
  typechain: { outDir: "types/ethers-contracts" },
  networks: {
    default: edr,
    localhost: { type: "http", chainType: "l1", url: "http://127.0.0.1:8545" },
    /** What the embedded node serves: deterministic, so that its journal replays to the same block hashes. */
    pilot: PILOT_NETWORK,
  },
  test: {
    solidity: {
      fuzz: { runs: 256, seed: "0x2026" },
      invariant: { runs: 24, depth: 200, failOnRevert: false },
    },
  },
});
