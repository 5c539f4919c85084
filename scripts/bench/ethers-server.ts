import { verifyTypedData } from "ethers";

import { mutableTypes } from "../../src/chain/intents.js";
import { addressesOf, fileManifestStore } from "../../src/chain/manifest.js";
import { exchangeDomain, ORDER_TYPES, orderOf } from "../../src/chain/orders.js";
import { loadConfig } from "../../src/config.js";
import { createLogger } from "../../src/logger.js";
import type { RecoverOrderSigner } from "../../src/market/intake.js";
import { startService } from "../../src/start.js";

/**
 * The same service, but for one thing: it checks the signatures of orders with ethers' `verifyTypedData`. For the benchmark, which gives
 * it the data directory of a service that has run.
 */
const { config, secrets } = loadConfig(process.env);
const manifest = await fileManifestStore(config.manifestPath).read();
if (manifest === undefined) throw new Error("There is no deployment yet: run the service first.");
const domain = exchangeDomain(BigInt(manifest.chainId), addressesOf(manifest).Exchange);
const types = mutableTypes(ORDER_TYPES);
const recoverOrderSigner: RecoverOrderSigner = (order, _hash, signature) =>
  verifyTypedData(domain, types, { ...orderOf(order) }, signature);

const service = await startService({
  config,
  secrets,
  logger: createLogger(config.logLevel),
  parts: { recoverOrderSigner },
});
process.once("SIGTERM", () => void service.stop());
