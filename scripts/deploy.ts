/** Deploys the ledger's contracts and writes the manifest. See `--help`. */
import { rm, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Wallet } from "ethers";

import { createConnection } from "../src/chain/connection.js";
import { deployLedger, type DeploymentProgress } from "../src/chain/deploy.js";
import { developmentSettings, developmentWallet } from "../src/chain/development.js";
import { deploymentSettingsSchema, fileManifestStore, ManifestError } from "../src/chain/manifest.js";
import { ChainUnavailableError } from "../src/chain/rpc-errors.js";

const HELP = `Deploys the ledger's contracts, or finishes a deployment that was interrupted.

  npm run deploy -- --network localhost
  npm run deploy -- --network NAME --rpc-url URL --settings FILE --keystore FILE

  --network NAME    names the manifest; localhost is a development node at http://127.0.0.1:8545,
                    where the well-known Hardhat accounts play all roles
  --rpc-url URL     where the node listens
  --manifest PATH   default: deployments/<network>.json
  --settings FILE   role holders, delays and base URIs, as JSON; default: the development settings
  --keystore FILE   the deployer's encrypted Web3 keystore; its password is in DEPLOYER_PASSWORD;
                    default: the first Hardhat account
  --fresh           forget the manifest and begin again
  --help            this text`;

const ARGUMENTS = {
  network: { type: "string" },
  "rpc-url": { type: "string" },
  manifest: { type: "string" },
  settings: { type: "string" },
  keystore: { type: "string" },
  fresh: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: ARGUMENTS });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const network = values.network;
  if (network === undefined || !/^[a-z0-9-]+$/.test(network)) throw new Error("--network NAME is needed. See --help.");
  const isLocal = network === "localhost";
  const url = values["rpc-url"] ?? (isLocal ? "http://127.0.0.1:8545" : undefined);
  if (url === undefined) throw new Error(`--rpc-url URL is needed for the network ${network}. See --help.`);
  if (!isLocal && (values.settings === undefined || values.keystore === undefined)) {
    throw new Error(
      "The well-known accounts are for localhost only: --settings and --keystore are needed. See --help.",
    );
  }

  const path = values.manifest ?? join("deployments", `${network}.json`);
  if (values.fresh) await rm(path, { force: true });
  const connection = createConnection({ urls: [url], timeoutMs: 30_000 });
  try {
    const manifest = await deployLedger({
      deployer: await deployerFrom(values.keystore),
      provider: connection.provider,
      store: fileManifestStore(path),
      settings: await settingsFrom(values.settings),
      progress: printProgress,
    });
    console.log(`Ready. Chain ${manifest.chainId}, manifest ${path}`);
  } finally {
    connection.close();
  }
}

async function deployerFrom(keystore: string | undefined) {
  if (keystore === undefined) return developmentWallet(0);
  const password = process.env["DEPLOYER_PASSWORD"];
  if (password === undefined) throw new Error("DEPLOYER_PASSWORD, the password of the keystore, is not set.");
  return Wallet.fromEncryptedJson(await readFile(keystore, "utf8"), password);
}

async function settingsFrom(file: string | undefined) {
  if (file === undefined) return developmentSettings();
  return deploymentSettingsSchema.parse(JSON.parse(await readFile(file, "utf8")));
}

function printProgress({ step, phase, position, steps, txHash }: DeploymentProgress): void {
  if (phase === "signed") return;
  console.log(`${position}/${steps} ${step.padEnd(13)} ${phase === "done" ? "done" : "already there"} ${txHash}`);
}

function explain(error: unknown): string {
  if (error instanceof ChainUnavailableError)
    return `${error.message}\nA development node is started by: npx hardhat node`;
  if (error instanceof ManifestError) return `${error.message}\nTo forget it and begin again: --fresh`;
  return error instanceof Error ? error.message : String(error);
}

try {
  await main();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
