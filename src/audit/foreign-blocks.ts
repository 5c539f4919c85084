import type { LedgerEvent } from "../chain/event-types.js";
import type { Findings } from "./findings.js";
import type { Row } from "./rows.js";

interface ForeignBlock {
  readonly start: bigint;
  readonly end: bigint;
  readonly batch: string;
}

/** Serials of other registries that were brought in: each may come once. */
export class ForeignBlocks {
  readonly #findings: Findings;
  /** By programme and series, in the order of serials. */
  readonly #blocks = new Map<string, ForeignBlock[]>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  apply(event: LedgerEvent): void {
    if (event.name !== "ForeignBlockRecorded") return;
    const { programme, series, start, end, batchId: batch } = event.args;
    const block = { start: BigInt(start), end: BigInt(end), batch };
    const other = this.#put(`${programme}/${series}`, block);
    if (other === undefined) return;
    const detail = `serials ${start}-${end} of ${programme} ${series} are in ${other.batch} already`;
    this.#findings.add({ kind: "foreign-overlap", batch, found: `${start}-${end}`, detail }, event);
  }

  *rows(): Generator<Row> {
    for (const [series, blocks] of this.#blocks) {
      for (const { start, end, batch } of blocks) yield ["foreign", series, `${start}`, `${end}`, batch];
    }
  }

  restore(rows: Iterable<Row>): void {
    for (const [tag, series = "", start = "", end = "", batch = ""] of rows) {
      if (tag === "foreign") this.#put(series, { start: BigInt(start), end: BigInt(end), batch });
    }
  }

  /** @returns the block that has one of its serials already */
  #put(series: string, block: ForeignBlock): ForeignBlock | undefined {
    const blocks = this.#blocks.get(series) ?? [];
    this.#blocks.set(series, blocks);
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((blocks[middle]?.start ?? 0n) <= block.end) low = middle + 1;
      else high = middle;
    }
    const before = blocks[low - 1];
    if (before !== undefined && before.end >= block.start) return before;
    blocks.splice(low, 0, block);
    return undefined;
  }
}
