import type { z } from "zod";
import type { ReportRow } from "./cad-trust-rows.js";

/** What other registries' rules require of a record and this registry cannot say. */
export interface Finding {
  readonly table: string;
  /** What a person calls the record by. */
  readonly key: string;
  readonly field: string;
  readonly problem: string;
}

/** What a report comes to: its last line. */
export interface Summary {
  /** Records by table, in the order of insertion. */
  readonly counts: Readonly<Record<string, number>>;
  /** The first thousand. */
  readonly findings: readonly Finding[];
  readonly findingCount: number;
  /** Block of the read model when the report began, and when it ended: when they are the same, all of it is of one moment. */
  readonly fromBlock: string;
  readonly toBlock: string;
}

export interface Findings {
  add(finding: Finding): void;
  /** Counts a record and holds it against the schema of its table. */
  check(row: ReportRow<string>): void;
  summary(fromBlock: bigint, toBlock: bigint): Summary;
}

const MOST_FINDINGS = 1_000;

/** @param schemas By table, in the order of insertion. */
export function createFindings(schemas: Readonly<Record<string, z.ZodType>>): Findings {
  const counts = Object.fromEntries(Object.keys(schemas).map((table) => [table, 0]));
  const findings: Finding[] = [];
  let findingCount = 0;

  function add(finding: Finding): void {
    findingCount += 1;
    if (findings.length < MOST_FINDINGS) findings.push(finding);
  }

  return {
    add,
    check({ table, key, record }) {
      counts[table] = (counts[table] ?? 0) + 1;
      const result = schemas[table]?.safeParse(record);
      if (result === undefined || result.success) return;
      for (const { path, message } of result.error.issues) {
        const field = String(path[0] ?? "");
        add({ table, key, field, problem: record[field] === undefined ? "is required, and not known" : message });
      }
    },
    summary: (fromBlock, toBlock) => ({
      counts,
      findings,
      findingCount,
      fromBlock: String(fromBlock),
      toBlock: String(toBlock),
    }),
  };
}
