import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { verifyTypedData, Wallet } from "ethers";

import { mutableTypes } from "../../src/chain/intents.js";
import { exchangeDomain, hashOrder, ORDER_TYPES, orderOf } from "../../src/chain/orders.js";
import { recoverSigner } from "../../src/chain/signature.js";
import { BATCH } from "./service.js";
import type { Row } from "./table.js";

const SIGNATURES = 200;
/** In a request with many orders. */
const LIST = 100;
const TURNS = 5;
const GOAL = 8;

const wallet = Wallet.createRandom();
const domain = exchangeDomain(1n, wallet.address);
const types = mutableTypes(ORDER_TYPES);

function signedOrder(nonce: number) {
  const order = orderOf({
    account: wallet.address,
    batch: BATCH,
    side: "sell",
    tonnes: "1",
    minimumTonnes: "0",
    limitPrice: "136000",
    maximumFeeBasisPoints: "0",
    nonce: nonce.toString(),
    expiresAt: "4000000000",
  });
  const hash = hashOrder(order, domain);
  return { order, hash, signature: wallet.signingKey.sign(hash).serialized };
}

type Signed = ReturnType<typeof signedOrder>;

/** Checks in a second of processor time, in the quickest of some turns. */
function rateOf(signed: readonly Signed[], check: (one: Signed) => string | null): number {
  let quickest = Infinity;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const began = process.cpuUsage();
    for (const one of signed) if (check(one) !== wallet.address) throw new Error("A signature was not recognised.");
    const { user, system } = process.cpuUsage(began);
    quickest = Math.min(quickest, user + system);
  }
  return (signed.length * 1_000_000) / quickest;
}

/** Milliseconds that the main thread waits for a list, and milliseconds of it in which it is busy, in the quickest of some turns. */
async function inWorker(signed: readonly Signed[]): Promise<{ readonly waits: number; readonly busy: number }> {
  const worker = new Worker(new URL("recovery-worker.ts", import.meta.url));
  const list = signed.map(({ hash, signature }) => [hash, signature] as const);
  let [waits, busy] = [Infinity, Infinity];
  for (let turn = 0; turn <= 2 * TURNS; turn += 1) {
    const [began, before] = [performance.now(), performance.eventLoopUtilization()];
    worker.postMessage(list);
    await once(worker, "message");
    // The first turn waits for the thread to start.
    if (turn > 0) waits = Math.min(waits, performance.now() - began);
    if (turn > 0) busy = Math.min(busy, performance.eventLoopUtilization(before).active);
  }
  await worker.terminate();
  return { waits, busy };
}

/** What it costs to check the signature of an order: native code against ethers, and in place against another thread. */
export async function recoveryRows(): Promise<Row[]> {
  const signed = Array.from({ length: SIGNATURES }, (_, nonce) => signedOrder(nonce));
  const ours = rateOf(signed, ({ order, signature }) => recoverSigner(hashOrder(order, domain), signature));
  const ethers = rateOf(signed, ({ order, signature }) => verifyTypedData(domain, types, { ...order }, signature));
  const list = signed.slice(0, LIST);
  const inPlace = (LIST * 1_000) / rateOf(list, ({ hash, signature }) => recoverSigner(hash, signature));
  const { waits, busy } = await inWorker(list);
  const rate = (number: number): string => `${Math.round(number).toLocaleString("en")}/s`;
  return [
    {
      measure: "digest and signer of an order, native secp256k1 against ethers' verifyTypedData, one core",
      ours: rate(ours),
      limit: `≥ ${GOAL}`,
      holds: ours >= GOAL * ethers,
      ratio: (ours / ethers).toFixed(1),
      other: rate(ethers),
    },
    {
      measure: `signers of ${LIST} orders, in place (others get their turn after each 16) against a worker thread`,
      ours: `${inPlace.toFixed(1)} ms`,
      limit: "–",
      holds: true,
      ratio: (waits / inPlace).toFixed(2),
      other: `${waits.toFixed(1)} ms, of which ${busy.toFixed(1)} ms on the main thread`,
    },
  ];
}
