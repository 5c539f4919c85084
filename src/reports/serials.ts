import type { ReportBatch } from "./registry-snapshot.js";

interface Serials {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * The serials by which units are known where they come from. An import's units have those of its foreign block, one for one in order:
 * serial 1 is the first of the block.
 */
export function originalSerials(
  { code, foreign }: Pick<ReportBatch, "code" | "foreign">,
  { start, end }: Serials,
): Serials & { readonly id: string } {
  if (foreign === null) return { start, end, id: `${code}-${start}-${end}` };
  const first = foreign.start + start - 1n;
  const last = foreign.start + end - 1n;
  return { start: first, end: last, id: `${foreign.programme}-${foreign.series}-${first}-${last}` };
}

/** The life of the first unit of a run, in our own serials. */
export function unitLinkOf(origin: string, { code }: Pick<ReportBatch, "code">, { start }: Serials): string {
  return `${origin}/v1/serials/${code}:${start}`;
}
