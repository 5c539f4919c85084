/** The format of an audit's verdict. */
export const VERDICT_FORMAT = "carbon-ledger/audit/1";

/**
 * What can be wrong.
 *
 * In the logs by themselves: `serial-overlap` (serials issued that are there already), `serial-not-held` (serials moved that the sender
 * does not have), `serial-lost` (burnt, and no record of it), `thin-air` (units or money that nothing brought into being), `balance` (a
 * balance below zero), `blocks` (an amount told that is not the amount of its serial blocks), `record-count` (records that do not count
 * up by one), `double-count` (a record of tonnes that were not burnt), `position`, `owed`, `cash-balance`, `foreign-overlap` (serials of
 * another registry that were brought in twice), `unreadable-log`.
 *
 * Between the logs and the contracts: `thin-air` (a contract has more than the logs tell), `serial-lost` (it has less), `double-count`
 * (it has serials that the logs give to another), `blocks`, `balance` (frozen tonnes), `totals`, `record-hash`, `record-count`,
 * `position`, `owed`, `fill`, `cash-balance`, `cash-supply`.
 */
export const KINDS = [
  "serial-overlap",
  "serial-not-held",
  "serial-lost",
  "thin-air",
  "double-count",
  "totals",
  "balance",
  "blocks",
  "record-hash",
  "record-count",
  "position",
  "owed",
  "fill",
  "cash-balance",
  "cash-supply",
  "foreign-overlap",
  "unreadable-log",
] as const;
export type Kind = (typeof KINDS)[number];

/** One thing that is wrong. Numbers are decimal strings; `batch` is null for money. */
export interface Discrepancy {
  readonly kind: Kind;
  readonly batch: string | null;
  readonly account: string | null;
  /** Where it came about; null when that could not be told. */
  readonly block: string | null;
  /** Null when no log tells of it. */
  readonly txHash: string | null;
  /** As the logs have it. */
  readonly expected: string;
  /** As it was found. */
  readonly found: string;
  readonly detail: string;
}

/** Where in the chain something was said. */
export interface Place {
  readonly blockNumber: bigint;
  readonly txHash: string;
}

/** A discrepancy without its place. */
export interface Finding {
  readonly kind: Kind;
  readonly batch?: string | null;
  readonly account?: string | null;
  readonly expected?: unknown;
  readonly found?: unknown;
  readonly detail: string;
}

/** So many are kept in full; the others are counted. */
const KEPT = 1_000;

/** What an audit has found so far. */
export class Findings {
  readonly #kept: Discrepancy[];
  #count: number;

  constructor(kept: readonly Discrepancy[] = [], count = kept.length) {
    this.#kept = [...kept];
    this.#count = count;
  }

  get count(): number {
    return this.#count;
  }

  /** The first thousand. */
  get kept(): readonly Discrepancy[] {
    return this.#kept;
  }

  /** @param place Null when it is not known where it came about. */
  add(finding: Finding, place: { readonly blockNumber: bigint; readonly txHash: string | null } | null): void {
    this.#count += 1;
    if (this.#kept.length >= KEPT) return;
    this.#kept.push({
      kind: finding.kind,
      batch: finding.batch ?? null,
      account: finding.account ?? null,
      block: place === null ? null : place.blockNumber.toString(),
      txHash: place?.txHash ?? null,
      expected: textOf(finding.expected),
      found: textOf(finding.found),
      detail: finding.detail,
    });
  }
}

/** A value as a verdict shows it: text as it is, everything else as JSON with its numbers in decimal. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string" || typeof value === "bigint") return String(value);
  return JSON.stringify(value, (_name, member: unknown) => (typeof member === "bigint" ? String(member) : member));
}

/** The audit cannot be done: the node lacks what it needs, the files are of another ledger. Says nothing about the ledger. */
export class AuditError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AuditError";
  }
}
