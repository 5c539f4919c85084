/** One line of the benchmark: ours beside what it is held against, in one run. */
export interface Row {
  measure: string;
  ours: string;
  limit: string;
  holds: boolean;
  ratio: string;
  other: string;
}

/** The rows as aligned text, one line each. */
export function formatTable(rows: readonly Row[]): string {
  const header = ["measure", "ours", "limit", "", "ratio", "others"];
  const cells = rows.map(({ measure, ours, limit, holds, ratio, other }) => [
    measure,
    ours,
    limit,
    holds ? "ok" : "OVER",
    ratio,
    other,
  ]);
  const lines = [header, ...cells];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
