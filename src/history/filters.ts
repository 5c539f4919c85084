import type { CancellationReason, Purpose } from "../chain/event-types.js";
import type { JsonObject } from "../db/inbox-tables.js";
import type { TransferKind } from "../db/read-model-tables.js";
import type { HistoryFilter } from "../ledger/read/history-types.js";
import { dayEnd, dayStart } from "../ledger/read/days.js";
import { wordsOf } from "../ledger/search-text.js";
import type { Directory } from "./names.js";

/** Filters as they are asked for: all of all subjects. Days are `YYYY-MM-DD`, in UTC. */
export interface HistoryQuery {
  readonly q?: string | undefined;
  readonly beneficiary?: string | undefined;
  readonly beneficiaryId?: string | undefined;
  /** Number, tax code or words. */
  readonly firm?: string | undefined;
  readonly account?: string | undefined;
  readonly counterparty?: string | undefined;
  /** Code or words. */
  readonly project?: string | undefined;
  readonly programme?: string | undefined;
  readonly methodology?: string | undefined;
  readonly sector?: string | undefined;
  readonly vintage?: number | undefined;
  readonly batch?: string | undefined;
  readonly serial?: { readonly batch: string; readonly number: bigint } | undefined;
  readonly purpose?: Purpose | undefined;
  readonly reason?: CancellationReason | undefined;
  readonly kind?: TransferKind | undefined;
  readonly country?: string | undefined;
  readonly periodFrom?: string | undefined;
  readonly periodTo?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly minTonnes?: bigint | undefined;
  readonly maxTonnes?: bigint | undefined;
  readonly upToBlock?: bigint | undefined;
}

/**
 * What is asked for, in the terms of the read model: words about projects and firms become their codes and numbers.
 * @param participantId whose records only; undefined: everybody's
 */
export function filterOf(query: HistoryQuery, directory: Directory, participantId?: number): HistoryFilter {
  const { q, beneficiary, firm, project, programme, methodology, sector, periodFrom, periodTo, from, to, ...same } =
    query;
  return {
    ...same,
    projects: directory.projectsLike({ project, programme, methodology, sector }),
    participantId,
    participantIds: firm === undefined ? undefined : directory.firmsLike(firm),
    words: q === undefined ? undefined : wordsOf(q),
    beneficiaryWords: beneficiary === undefined ? undefined : wordsOf(beneficiary),
    periodFrom: periodFrom === undefined ? undefined : dayNumber(periodFrom),
    periodTo: periodTo === undefined ? undefined : dayNumber(periodTo),
    fromTime: from === undefined ? undefined : dayStart(from),
    toTime: to === undefined ? undefined : dayEnd(to),
  };
}

/** Days since 1970-01-01. */
function dayNumber(day: string): number {
  return Number(dayStart(day) / 86_400n);
}

/** The filters as JSON, for a manifest: what was asked for and nothing else. */
export function queryJson(query: HistoryQuery, participantId?: number): JsonObject {
  const { serial, ...rest } = query;
  const all = {
    ...rest,
    serial: serial === undefined ? undefined : `${serial.batch}:${serial.number}`,
    participantId,
  };
  return Object.fromEntries(
    Object.entries(all)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === "bigint" ? value.toString() : value]),
  ) as JsonObject;
}
