import { retirementOf } from "../../test/support/audit.js";
import type { TestLedger } from "../../test/support/ledger.js";

const FIRMS = 6;
const GAS = 16_000_000n;
/** A retirement emits so many: units burned, serials moved, record, certificate and more. */
const EVENTS_OF_RETIREMENT = 5;

export interface EventMix {
  /** Movements of one transaction; each is an event with its serial blocks. */
  readonly moves: number;
  /** A transaction of movements is followed by so many retirements, each in a transaction and a block of its own. */
  readonly retirements: number;
}

/** Makes a ledger's firms move and retire units until there are about so many events more. @returns the last block */
export async function fillLedger(ledger: TestLedger, events: number, mix: EventMix): Promise<bigint> {
  const { firms, units, retirements } = ledger;
  const traders = firms.slice(0, FIRMS);
  for (const firm of traders) {
    if ((await ledger.participants.participantOf(firm)) === 0n) await ledger.admit(null, firm);
  }
  const batches: bigint[] = [];
  for (const recipient of traders) batches.push(await ledger.issueBatch({ recipient, tonnes: 1_000_000 }));
  const perRound = mix.moves + 1 + mix.retirements * EVENTS_OF_RETIREMENT;
  for (let round = 0; round * perRound < events; round++) {
    const at = round % FIRMS;
    const [from, to, batch] = [traders[at], traders[(at + 1) % FIRMS], batches[at]];
    if (from === undefined || to === undefined || batch === undefined) throw new RangeError("There are six firms");
    const ids = Array.from({ length: mix.moves }, () => batch);
    const amounts = Array.from({ length: mix.moves }, (_, i) => 1 + (i % 3));
    await units.connect(from).safeBatchTransferFrom(from, to, ids, amounts, "0x", { gasLimit: GAS });
    for (let i = 0; i < mix.retirements; i++) await retirements.connect(to).retire(to, retirementOf(batch, 1n));
  }
  return BigInt(await ledger.ethers.provider.getBlockNumber());
}
