import type { SerialRange } from "../ledger/serial-partition.js";
import type { CadTrustSource, Row } from "./cad-trust-rows.js";
import type { UnitType } from "./picklists.js";
import { dayOf } from "./project-facts.js";
import type { ReportBatch } from "./registry-snapshot.js";
import { originalSerials, unitLinkOf } from "./serials.js";
import type { UnitRun } from "./unit-runs.js";
import type { RecordIds } from "./uuid5.js";

/** @param unitType Of the project; undefined when its document does not say. */
export function unitRow(batch: ReportBatch, unitType: UnitType | undefined, run: UnitRun, source: CadTrustSource): Row {
  const key = unitKey(batch, run);
  const serials = originalSerials(batch, run);
  return {
    table: "unit",
    key,
    record: {
      cadTrustUnitId: source.ids("unit", key),
      unitSerialId: serials.id,
      unitStartBlock: String(serials.start),
      unitEndBlock: String(serials.end),
      unitCount: Number(run.end - run.start + 1n),
      unitType,
      unitVintageYear: batch.vintage,
      ...fateOf(batch, run),
      unitLink: unitLinkOf(source.origin, batch, run),
      unitMetric: "tCO2e",
      cadTrustIssuanceId: source.ids("issuance", batch.code),
    },
  };
}

function fateOf(batch: ReportBatch, run: UnitRun): Readonly<Record<string, unknown>> {
  if (run.status === "Retired") {
    const { purpose, reason, details, beneficiary, beneficiaryId, at } = run.retirement;
    return {
      unitStatus: "Retired",
      unitStatusReason: reason === "" ? `Retired, purpose ${purpose}` : `Retired, purpose ${purpose}: ${reason}`,
      unitStatusDate: dayOf(at),
      unitRetirementDetail: unlessEmpty(details),
      unitRetirementBeneficiary: unlessEmpty(beneficiary),
      unitRetirementBeneficiaryId: unlessEmpty(beneficiaryId),
    };
  }
  if (run.status === "Cancelled") {
    const { reason, details, at } = run.cancellation;
    return {
      unitStatus: "Cancelled",
      unitStatusReason: details === "" ? `Cancelled, ${reason}` : `Cancelled, ${reason}: ${details}`,
      unitStatusDate: dayOf(at),
    };
  }
  return {
    unitStatus: run.status,
    unitStatusReason: run.status === "Buffer" ? "Set aside against reversal" : "Held by participants of the registry",
    unitStatusDate: dayOf(batch.issuedAt),
  };
}

/** That a run of an authorised batch is labelled so. */
export function unitLabelRow(batch: ReportBatch, run: SerialRange, ids: RecordIds): Row {
  const key = unitKey(batch, run);
  return {
    table: "unit_label",
    key,
    record: {
      cadTrustUnitLabelId: ids("unit_label", key),
      cadTrustLabelId: ids("label", batch.code),
      cadTrustUnitId: ids("unit", key),
      labelUnitDate: batch.authorisedAt === null ? undefined : dayOf(batch.authorisedAt),
    },
  };
}

/** In our own serials, whatever those of the origin are. */
function unitKey({ code }: ReportBatch, { start, end }: SerialRange): string {
  return `${code}-${start}-${end}`;
}

function unlessEmpty(text: string): string | undefined {
  return text === "" ? undefined : text;
}
