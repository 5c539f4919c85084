import type { LedgerAddresses } from "../chain/events.js";
import { VERDICT_FORMAT, type Discrepancy, type Findings, type Kind } from "./findings.js";

/** What an audit comes to: `docs/audit.md` says what each member means. Numbers that may grow are decimal strings. */
export interface AuditVerdict {
  readonly format: typeof VERDICT_FORMAT;
  readonly verdict: "clean" | "discrepancies";
  /** Whether any tonne was. */
  readonly tonnes: { readonly countedTwice: boolean; readonly lost: boolean; readonly fromThinAir: boolean };
  readonly chainId: string;
  readonly contracts: LedgerAddresses;
  readonly fromBlock: string;
  readonly toBlock: string;
  readonly blockHash: string;
  /** Events read. */
  readonly events: number;
  /** How many of each were compared with the contracts. */
  readonly checks: Readonly<Record<string, number>>;
  readonly discrepancyCount: number;
  /** The first thousand. */
  readonly discrepancies: readonly Discrepancy[];
}

const TWICE: readonly Kind[] = ["double-count", "serial-overlap", "foreign-overlap"];

export function verdictOf(
  findings: Findings,
  facts: Pick<AuditVerdict, "chainId" | "contracts" | "fromBlock" | "toBlock" | "blockHash" | "events" | "checks">,
): AuditVerdict {
  const units = findings.kept.filter(({ batch }) => batch !== null);
  const some = (kinds: readonly Kind[]): boolean => units.some(({ kind }) => kinds.includes(kind));
  return {
    format: VERDICT_FORMAT,
    verdict: findings.count === 0 ? "clean" : "discrepancies",
    tonnes: { countedTwice: some(TWICE), lost: some(["serial-lost"]), fromThinAir: some(["thin-air"]) },
    ...facts,
    discrepancyCount: findings.count,
    discrepancies: findings.kept,
  };
}
