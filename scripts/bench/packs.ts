import { verifyFile } from "../../src/verify/verify.js";
import { deployTestLedger } from "../../test/support/ledger.js";
import { bytesOfPack, createPackMaker, proofLedger } from "../../test/support/packs.js";
import type { Row } from "./table.js";

const ROUNDS = 300;
const WARM_UP = 50;
/** Blocks between the first pack and the second. */
const GROWTH = 20_000n;
const MOST_GROWTH = 1.25;

/** How many packs of retirements one core verifies in a second, and what a long chain adds to that. */
export async function packRows(): Promise<Row[]> {
  const ledger = await deployTestLedger();
  const maker = createPackMaker(ledger);
  await proofLedger(ledger);
  const head = async (): Promise<bigint> => BigInt(await ledger.ethers.provider.getBlockNumber());
  const early = await head();
  const first = bytesOfPack(await maker.retirement(2n, early));
  await maker.ask("hardhat_mine", `0x${GROWTH.toString(16)}`);
  const late = await head();
  const second = bytesOfPack(await maker.retirement(2n, late));

  for (let round = 0; round < WARM_UP; round++) for (const pack of [first, second]) check(pack);
  // In turns, so that whatever else the machine does falls on both.
  const spent = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    [first, second].forEach((pack, which) => {
      const started = performance.now();
      check(pack);
      spent[which] = (spent[which] ?? 0) + performance.now() - started;
    });
  }
  const [before = 0, after = 0] = spent;
  const rate = (milliseconds: number): string => `${Math.round((ROUNDS * 1_000) / milliseconds)} packs/s`;
  const ratio = after / before;
  return [
    {
      measure: `verify a pack of ${first.length} bytes, one core`,
      ours: rate(before),
      limit: "reported",
      holds: true,
      ratio: "",
      other: "two signatures, and a hash for each node of the proofs",
    },
    {
      measure: `the same at block ${late} against block ${early}`,
      ours: rate(after),
      limit: `time ≤ ${MOST_GROWTH}x`,
      holds: ratio <= MOST_GROWTH,
      ratio: `${ratio.toFixed(2)}x`,
      other: "",
    },
  ];

  function check(pack: Uint8Array): void {
    const { accepted, reasons } = verifyFile(pack, maker.trust);
    if (!accepted) throw new Error(`The pack is refused: ${JSON.stringify(reasons)}`);
  }
}
