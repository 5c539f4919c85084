import { parentPort } from "node:worker_threads";

import { recoverSigner } from "../../src/chain/signature.js";

/** A thread that recovers lists of signers: digests and signatures in, accounts out. */
parentPort?.on("message", (list: readonly (readonly [digest: string, signature: string])[]) => {
  parentPort?.postMessage(list.map(([digest, signature]) => recoverSigner(digest, signature)));
});
