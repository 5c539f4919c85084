import { ZERO_ADDRESS, type LedgerEvent, type LedgerEventOf, type SerialBlockJson } from "../chain/event-types.js";
import { tonnesOf, type OwnedRange, type SerialRange } from "../ledger/serial-partition.js";
import { BatchState, burning, ended, held } from "./batch-state.js";
import type { Findings, Place } from "./findings.js";
import type { Row } from "./rows.js";

interface Twin {
  readonly batch: string;
  readonly from: string;
  readonly to: string;
  readonly tonnes: bigint;
}

interface Burn {
  readonly batch: string;
  readonly account: string;
  readonly ranges: readonly SerialRange[];
}

/** Units, their serials, and their end, as the logs tell it. What contradicts itself is reported, and the audit goes on. */
export class UnitsState {
  readonly batches = new Map<string, BatchState>();
  retirementCount = 0n;
  cancellationCount = 0n;
  readonly #findings: Findings;
  /** Of the transaction at hand. */
  #twins: Twin[] = [];
  #burns: Burn[] = [];
  #minted = new Map<string, bigint>();
  #announced = new Map<string, bigint>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  apply(event: LedgerEvent): void {
    switch (event.name) {
      case "TransferSingle": {
        const { id, from, to, value } = event.args;
        this.#twins.push({ batch: id, from, to, tonnes: BigInt(value) });
        return;
      }
      case "TransferBatch": {
        const { ids, from, to, values } = event.args;
        ids.forEach((batch, i) => this.#twins.push({ batch, from, to, tonnes: BigInt(values[i] ?? 0) }));
        return;
      }
      case "BlocksMoved":
        this.#move(event);
        return;
      case "BatchIssued": {
        const { batchId, tonnes } = event.args;
        this.#announced.set(batchId, (this.#announced.get(batchId) ?? 0n) + BigInt(tonnes));
        this.batch(batchId).announced += BigInt(tonnes);
        return;
      }
      case "Frozen":
        this.batch(event.args.tokenId).frozen.set(event.args.account, BigInt(event.args.amount));
        return;
      case "Retired":
        this.retirementCount = this.#record(event, "retired", event.args.retirementId, this.retirementCount);
        return;
      case "Cancelled":
        this.cancellationCount = this.#record(event, "cancelled", event.args.cancellationId, this.cancellationCount);
        return;
      default:
    }
  }

  /** What a transaction has to leave even. */
  endTransaction(place: Place): void {
    for (const { batch, from, to, tonnes } of this.#twins) {
      const detail = `${tonnes} t were told to go from ${from} to ${to}, and no serial blocks moved`;
      this.#findings.add({ kind: "blocks", batch, account: to, expected: tonnes, found: 0n, detail }, place);
    }
    for (const { batch, account, ranges } of this.#burns) {
      const detail = `serials ${listOf(ranges)} were burnt, and no record says what for`;
      const tonnes = tonnesOf(ranges);
      this.#findings.add({ kind: "serial-lost", batch, account, expected: tonnes, found: 0n, detail }, place);
    }
    for (const batch of new Set([...this.#minted.keys(), ...this.#announced.keys()])) {
      const expected = this.#announced.get(batch) ?? 0n;
      const found = this.#minted.get(batch) ?? 0n;
      if (expected === found) continue;
      const detail = `the registry issued ${expected} t, and units came to ${found} t`;
      this.#findings.add(
        { kind: found > expected ? "thin-air" : "serial-lost", batch, expected, found, detail },
        place,
      );
    }
    this.#twins = [];
    this.#burns = [];
    this.#minted.clear();
    this.#announced.clear();
  }

  batch(code: string): BatchState {
    const known = this.batches.get(code);
    if (known !== undefined) return known;
    const made = new BatchState();
    this.batches.set(code, made);
    return made;
  }

  /** Everything, to be read again by `restore`. */
  *rows(): Generator<Row> {
    yield ["records", `${this.retirementCount}`, `${this.cancellationCount}`];
    for (const [code, batch] of this.batches) {
      const { issued, announced, retired, cancelled, isBroken } = batch;
      yield ["batch", code, `${issued}`, `${announced}`, `${retired}`, `${cancelled}`, isBroken ? "broken" : ""];
      for (const { start, end, state, account } of batch.runs()) yield ["run", `${start}`, `${end}`, state, account];
      for (const [account, tonnes] of batch.holdings) yield ["holding", account, `${tonnes}`];
      for (const [account, tonnes] of batch.frozen) yield ["frozen", account, `${tonnes}`];
    }
  }

  /** Reads what `rows` wrote. */
  restore(rows: Iterable<Row>): void {
    const runs = new Map<string, OwnedRange[]>();
    const all = [...rows];
    let code = "";
    for (const [tag, ...cells] of all) {
      if (tag === "batch") code = cells[0] ?? "";
      if (tag !== "run") continue;
      const [start = "", end = "", state = "", account = ""] = cells;
      const range = { start: BigInt(start), end: BigInt(end), state: state as OwnedRange["state"], account };
      const list = runs.get(code) ?? [];
      list.push({ ...range, recordId: null });
      runs.set(code, list);
    }
    for (const [tag, first = "", second = "", ...others] of all) {
      if (tag === "records") [this.retirementCount, this.cancellationCount] = [BigInt(first), BigInt(second)];
      if (tag === "batch") {
        code = first;
        const batch = new BatchState(runs.get(code));
        const [announced = "0", retired = "0", cancelled = "0", broken] = others;
        Object.assign(batch, { issued: BigInt(second), announced: BigInt(announced) });
        Object.assign(batch, { retired: BigInt(retired), cancelled: BigInt(cancelled), isBroken: broken === "broken" });
        this.batches.set(code, batch);
      }
      if (tag === "holding") this.batch(code).holdings.set(first, BigInt(second));
      if (tag === "frozen") this.batch(code).frozen.set(first, BigInt(second));
    }
  }

  #move(event: LedgerEventOf<"BlocksMoved">): void {
    const { batchId: code, from, to } = event.args;
    const ranges = event.args.blocks.map(rangeOf);
    const tonnes = tonnesOf(ranges);
    const batch = this.batch(code);
    this.#meetTwin(event, tonnes);
    if (from === ZERO_ADDRESS) {
      batch.issued += tonnes;
      batch.holdings.add(to, tonnes);
      this.#minted.set(code, (this.#minted.get(code) ?? 0n) + tonnes);
      const reason = batch.issue(ranges, held(to));
      if (reason !== null) this.#overlap(event, ranges, reason);
      return;
    }
    const left = batch.holdings.add(from, -tonnes);
    if (left < 0n) {
      const detail = `${from} would hold ${left} t`;
      this.#findings.add({ kind: "balance", batch: code, account: from, expected: left, detail }, event);
    }
    if (to === ZERO_ADDRESS) this.#burns.push({ batch: code, account: from, ranges });
    else batch.holdings.add(to, tonnes);
    const reason = batch.move(ranges, held(from), to === ZERO_ADDRESS ? burning(from) : held(to));
    if (reason === null) return;
    const finding = { kind: "serial-not-held", batch: code, account: from, found: listOf(ranges) } as const;
    this.#findings.add({ ...finding, detail: reason }, event);
  }

  /** The amount that `TransferSingle` or `TransferBatch` told just before. */
  #meetTwin(event: LedgerEventOf<"BlocksMoved">, tonnes: bigint): void {
    const { batchId: batch, from, to } = event.args;
    const at = this.#twins.findIndex((twin) => twin.batch === batch && twin.from === from && twin.to === to);
    const [twin] = at < 0 ? [] : this.#twins.splice(at, 1);
    if (twin?.tonnes === tonnes) return;
    const told = twin?.tonnes ?? 0n;
    const detail = `${told} t were told to go from ${from} to ${to}, and serial blocks of ${tonnes} t moved`;
    this.#findings.add({ kind: "blocks", batch, account: to, expected: told, found: tonnes, detail }, event);
  }

  #overlap(event: LedgerEventOf<"BlocksMoved">, ranges: readonly SerialRange[], detail: string): void {
    const { batchId: batch, to: account } = event.args;
    this.#findings.add({ kind: "serial-overlap", batch, account, found: listOf(ranges), detail }, event);
  }

  /** @returns the number of the record */
  #record(
    event: LedgerEventOf<"Retired" | "Cancelled">,
    state: "retired" | "cancelled",
    idText: string,
    count: bigint,
  ): bigint {
    const { batchId: code, account, order } = event.args;
    const id = BigInt(idText);
    if (id !== count + 1n) {
      const detail = `record ${id} (${state}) follows record ${count}`;
      this.#findings.add({ kind: "record-count", batch: code, expected: count + 1n, found: id, detail }, event);
    }
    const ranges = order.blocks.map(rangeOf);
    const tonnes = tonnesOf(ranges);
    const batch = this.batch(code);
    batch[state] += tonnes;
    if (tonnes !== BigInt(order.tonnes)) {
      const detail = `record ${id} (${state}) says ${order.tonnes} t, and its serial blocks are ${tonnes} t`;
      this.#findings.add({ kind: "blocks", batch: code, expected: order.tonnes, found: tonnes, detail }, event);
    }
    const wanted = listOf(ranges);
    const at = this.#burns.findIndex(
      (burn) => burn.batch === code && burn.account === account && listOf(burn.ranges) === wanted,
    );
    if (at < 0) {
      const detail = `record ${id} (${state}) names serials ${wanted}, which were not burnt for it`;
      this.#findings.add({ kind: "double-count", batch: code, account, found: wanted, detail }, event);
      return id;
    }
    this.#burns.splice(at, 1);
    batch.move(ranges, burning(account), ended(state));
    return id;
  }
}

/** Serial blocks in words: `1-10, 21-30`. */
export function listOf(ranges: readonly SerialRange[]): string {
  return ranges.map(({ start, end }) => `${start}-${end}`).join(", ");
}

function rangeOf({ start, end }: SerialBlockJson): SerialRange {
  return { start: BigInt(start), end: BigInt(end) };
}
