import type { HoldingKey } from "../chain/audit-calls.js";
import { tonnesOf, type SerialRange } from "../ledger/serial-partition.js";
import type { BatchState } from "./batch-state.js";
import type { Finding } from "./findings.js";
import { listOf } from "./units-state.js";

/** What an account has of a batch. `blocks` is null where serials cannot be told. */
export interface HoldingValue {
  readonly tonnes: bigint;
  readonly frozenTonnes: bigint;
  readonly blocks: readonly SerialRange[] | null;
}

/** What a holding that is not as the logs tell it means: tonnes from nothing, tonnes lost, or serials that another has, too. */
export function explainHolding(
  state: BatchState,
  { account, batch }: HoldingKey,
  expected: HoldingValue,
  answer: unknown,
): Finding[] {
  const about = { batch, account };
  if (!isHolding(answer)) {
    return [{ kind: "blocks", ...about, expected, found: answer, detail: "the contract does not answer" }];
  }
  const found = answer;
  const findings: Finding[] = [];
  const extra = difference(found.blocks ?? [], expected.blocks ?? []);
  const missing = difference(expected.blocks ?? [], found.blocks ?? []);
  for (const range of extra) {
    const owner = state.ownerWithin(range, account);
    const serials = `serials ${range.start}-${range.end} of ${batch}`;
    const finding = { ...about, expected: expected.tonnes, found: found.tonnes };
    if (owner === undefined) {
      findings.push({ kind: "thin-air", ...finding, detail: `${account} holds ${serials}, which were never issued` });
      continue;
    }
    const whose = owner.state === "held" ? `${owner.account} holds` : `are ${owner.state}`;
    findings.push({ kind: "double-count", ...finding, detail: `${account} holds ${serials}, which ${whose}, too` });
  }
  if (missing.length > 0) {
    const detail = `${account} should hold serials ${listOf(missing)} of ${batch}, ${tonnesOf(missing)} t`;
    findings.push({ kind: "serial-lost", ...about, expected: expected.tonnes, found: found.tonnes, detail });
  }
  if (findings.length === 0 && found.tonnes !== expected.tonnes) {
    const kind = found.tonnes > expected.tonnes ? "thin-air" : "serial-lost";
    const detail = `what ${account} holds of ${batch}, in tonnes`;
    findings.push({ kind, ...about, expected: expected.tonnes, found: found.tonnes, detail });
  }
  if (found.frozenTonnes !== expected.frozenTonnes) {
    const detail = `what is frozen of ${batch} at ${account}, in tonnes`;
    findings.push({ kind: "balance", ...about, expected: expected.frozenTonnes, found: found.frozenTonnes, detail });
  }
  if (findings.length === 0) {
    findings.push({
      kind: "blocks",
      ...about,
      expected: expected.blocks,
      found: found.blocks,
      detail: "serial blocks",
    });
  }
  return findings;
}

/** The serials of `these` that are not in `those`, as ranges. Both are disjoint and in the order of serials. */
export function difference(these: readonly SerialRange[], those: readonly SerialRange[]): SerialRange[] {
  const rest: SerialRange[] = [];
  let at = 0;
  for (const { start, end } of these) {
    let from = start;
    while (at < those.length && (those[at]?.end ?? 0n) < start) at++;
    for (let next = at; next < those.length; next++) {
      const other = those[next];
      if (other === undefined || other.start > end) break;
      if (other.start > from) rest.push({ start: from, end: other.start - 1n });
      if (other.end + 1n > from) from = other.end + 1n;
    }
    if (from <= end) rest.push({ start: from, end });
  }
  return rest;
}

function isHolding(value: unknown): value is HoldingValue {
  return typeof value === "object" && value !== null && "tonnes" in value && "blocks" in value;
}
