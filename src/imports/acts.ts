import { createHash } from "node:crypto";

import { encodeCode, isoDay } from "../chain/codes.js";
import type { ProjectStatus } from "../chain/event-types.js";
import { intentFromJson } from "../chain/intent-json.js";
import { signedIntentItem } from "../chain/intent-payload.js";
import { hashIntent, type IntentDomain } from "../chain/intents.js";
import { institutionLaneOf } from "../chain/outbox/institution-lane.js";
import type { CallPayload, PlannedCallPayload } from "../chain/outbox/payloads.js";
import type { IssuanceTerms, RegistryCalls } from "../chain/registry-calls.js";
import type { Signer } from "../chain/signers.js";
import { hashStatement, type VerificationStatement } from "../chain/statement.js";
import type { TypedDomain } from "../chain/typed-data.js";
import { newDocument } from "../documents.js";
import type { NewOperation } from "../operations/service.js";
import { pathTo } from "./project-layouts.js";
import type { ImportRecord, PeriodRecord, PlannedRow, ProjectRecord, RowRecord } from "./store.js";
import { cut } from "./values.js";

/** More than any of the calls needs; what is not used costs nothing. It spares the question to the chain how much it will be. */
const PLANNED_GAS = "1500000";
/** How long, in seconds, a retirement that the import signs may wait to be sent. */
const LIFE_SECONDS = 30n * 86_400n;
const NONCES_PER_WORD = 256n;

/** An import with all who act in it. */
export interface Actors {
  readonly registrar: string;
  readonly approver: string;
  readonly verifier: Signer;
  /** Delivers statements. */
  readonly relayer: string;
  /** Retires and cancels; null when nothing is to be. */
  readonly holder: Signer | null;
}

export interface ActContext {
  readonly record: ImportRecord;
  readonly actors: Actors;
  readonly calls: RegistryCalls;
  readonly statements: TypedDomain;
  readonly intents: IntentDomain;
}

/**
 * The operation's id of an act of an import: the same act again, in whatever process, is the same operation.
 * @param key Which project, period or row.
 */
export function actId({ id, attempt }: Pick<ImportRecord, "id" | "attempt">, act: string, key: string): string {
  return `0x${createHash("sha256").update(`import ${id} ${attempt} ${act} ${key}`).digest("hex")}`;
}

/** The acts that bring a project to its status, in their order. */
export function projectActs(
  { record, actors, calls }: ActContext,
  { code, source, from_status: from, target }: ProjectRecord,
) {
  const path = pathTo(from as ProjectStatus | null, target as ProjectStatus) ?? [];
  return path.map((status): NewOperation => {
    const isListing = status === "listed";
    const document = newDocument("project", source);
    const terms = { code, ownerId: record.owner_id, bufferBasisPoints: 0, documentHash: document.hash };
    return {
      id: actId(record, `project-${status}`, code),
      kind: isListing ? "project.list" : "project.status",
      lane: institutionLaneOf(actors.registrar),
      account: actors.registrar,
      role: "registrar",
      participantId: isListing ? record.owner_id : null,
      request: { ...(isListing ? terms : { code, status }), importId: record.id },
      payload: planned(isListing ? calls.listProject(terms) : calls.setProjectStatus(code, status)),
      documents: isListing ? [document] : [],
    };
  });
}

/** The verifier's statement about a period. @param previousId The project's statement before it. */
export async function statementAct(
  { record, actors, calls, statements }: ActContext,
  period: PeriodRecord,
  previousId: string | null,
): Promise<{ readonly statementId: string; readonly operation: NewOperation }> {
  const { project, tonnes } = period;
  const document = newDocument("verification-report", {
    project,
    file: { name: record.file_name, sha256: record.file_sha256, layout: record.layout ?? record.registry },
    periodStart: isoDay(period.period_start),
    periodEnd: isoDay(period.period_end),
  });
  const statement: VerificationStatement = {
    projectCode: encodeCode(project),
    periodStart: period.period_start,
    periodEnd: period.period_end,
    verifiedTonnes: tonnes,
    reportHash: document.hash,
    verifier: actors.verifier.address,
  };
  const statementId = hashStatement(statement, statements);
  const signature = await actors.verifier.signDigest(statementId);
  const operation: NewOperation = {
    id: actId(record, "statement", `${project} ${period.period_start}`),
    kind: "statement.record",
    lane: institutionLaneOf(actors.relayer),
    account: actors.verifier.address,
    role: "verifier",
    request: { statementId, projectCode: project, verifiedTonnes: tonnes, importId: record.id },
    payload: planned(calls.recordStatement(statement, signature, previousId ?? undefined)),
    documents: [document],
  };
  return { statementId, operation };
}

export function proposalAct(context: ActContext, row: PlannedRow): NewOperation {
  const { record, actors, calls } = context;
  const { terms, document } = issuanceOf(context, row);
  return {
    id: actId(record, "propose", String(row.number)),
    kind: "issuance.propose",
    lane: institutionLaneOf(actors.registrar),
    account: actors.registrar,
    role: "registrar",
    request: { ...terms, importId: record.id, importRow: row.number },
    payload: planned(calls.proposeIssuance(terms)),
    documents: [document],
  };
}

export function approvalAct(context: ActContext, row: PlannedRow): NewOperation {
  const { record, actors, calls } = context;
  const { terms } = issuanceOf(context, row);
  return {
    id: actId(record, "approve", String(row.number)),
    kind: "issuance.approve",
    lane: institutionLaneOf(actors.approver),
    account: actors.approver,
    role: "registrar",
    request: { batch: terms.batch, importId: record.id, importRow: row.number },
    payload: planned(calls.approveIssuance(terms, row.hint ?? 0n)),
  };
}

/** The retirement or cancellation of exactly the serials of a row, unsigned. @returns its hash is the operation's id */
export function endingOf({ record, intents }: Pick<ActContext, "record" | "intents">, row: RowRecord) {
  const start = row.batch_start ?? 1n;
  const tonnes = row.tonnes ?? 0n;
  const units = {
    account: record.account,
    batch: row.batch ?? "",
    tonnes: tonnes.toString(),
    blocks: [{ start: start.toString(), end: (start + tonnes - 1n).toString() }],
    details: detailsOf(row),
    nonce: nonceOf(record, row.number).toString(),
    deadline: (BigInt(Math.floor((record.started_at?.getTime() ?? 0) / 1_000)) + LIFE_SECONDS).toString(),
  };
  if (row.ends === "cancelled") {
    const json = { ...units, reason: "other" as const };
    const intent = intentFromJson("cancellation", json);
    const hash = hashIntent("cancellation", intent, intents);
    return { kind: "cancellation" as const, json, hash, itemOf: itemWith("cancellation", intent) };
  }
  const json = {
    ...units,
    beneficiary: cut(row.beneficiary ?? "Not stated", 200),
    beneficiaryId: "",
    beneficiaryCommitment: null,
    purpose: /compliance/i.test(row.reason ?? "") ? ("compliance" as const) : ("voluntary" as const),
    reason: cut(row.reason ?? "", 200),
    consumptionCountry: null,
    consumptionPeriodStart: null,
    consumptionPeriodEnd: null,
  };
  const intent = intentFromJson("retirement", json);
  const hash = hashIntent("retirement", intent, intents);
  return { kind: "retirement" as const, json, hash, itemOf: itemWith("retirement", intent) };
}

export async function endingAct(context: ActContext, row: PlannedRow): Promise<NewOperation> {
  const { record, actors } = context;
  if (actors.holder === null) throw new Error("An import retires without a holder");
  const { kind, json, hash, itemOf } = endingOf(context, row);
  return {
    id: hash,
    kind,
    lane: "intents",
    account: record.account,
    participantId: record.owner_id,
    request: json,
    payload: itemOf(await actors.holder.signDigest(hash)),
    intentHash: hash,
  };
}

function itemWith<K extends "retirement" | "cancellation">(kind: K, intent: Parameters<typeof signedIntentItem<K>>[1]) {
  return (signature: string) => signedIntentItem(kind, intent, signature);
}

function issuanceOf({ record }: ActContext, row: PlannedRow) {
  const document = newDocument("issuance", {
    name: row.project_name ?? row.project ?? "",
    project: row.project ?? "",
    vintage: row.vintage ?? 0,
    importedFrom: { registry: record.registry, layout: record.layout ?? "", row: Number(row.number), ...row.source },
  });
  const { programme, series, serial_start: start, serial_end: end } = row;
  const terms: IssuanceTerms = {
    statementId: row.statement_id ?? "",
    batch: row.batch ?? "",
    vintage: row.vintage ?? 0,
    tonnes: row.tonnes ?? 0n,
    recipient: record.account,
    foreignBlock:
      programme === null || series === null || start === null || end === null
        ? null
        : { programme, series, start, end },
    documentHash: document.hash,
  };
  return { terms, document };
}

/** Where the units came from and when they were retired there. Free text of the export stays off the chain. */
function detailsOf({ source, ended_on: endedOn }: RowRecord): string {
  const serial = source?.["serialNumber"];
  const from = typeof serial === "string" ? `Foreign serial ${serial}` : "Imported";
  return cut(endedOn === null ? from : `${from}; ended there on ${isoDay(endedOn)}`, 1_000);
}

/** Numbers next to each other, which share a word of the chain's storage; no two attempts share any. */
function nonceOf({ id, attempt }: ImportRecord, row: bigint): bigint {
  const word = BigInt(`0x${createHash("sha256").update(`import nonces ${id} ${attempt}`).digest("hex").slice(0, 60)}`);
  return (word + row / NONCES_PER_WORD) * NONCES_PER_WORD + (row % NONCES_PER_WORD);
}

function planned(call: CallPayload): PlannedCallPayload {
  return { ...call, gas: PLANNED_GAS };
}
