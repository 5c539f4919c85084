import type { FirstTransfer } from "../chain/event-types.js";
import type { Article6Table } from "./article-6-schema.js";
import { authorisationName } from "./authorisation-words.js";
import type { CadTrustSource, ReportRow } from "./cad-trust-rows.js";
import { countryName, dayOf, factsOf, textIn, type ProjectFacts } from "./project-facts.js";
import type { ReportBatch, ReportProject } from "./registry-snapshot.js";
import type { SerialRange } from "../ledger/serial-partition.js";
import { originalSerials } from "./serials.js";
import { unitRuns, type UnitRun } from "./unit-runs.js";
import type { RecordIds } from "./uuid5.js";

/** What a Party says about its submission, which no ledger knows. */
export interface Submission {
  /** ISO 3166-1 alpha-2. */
  readonly party: string;
  readonly cooperativeApproach: string;
  /**
   * Of the report: actions of this calendar year (UTC) and what was held at its end are told; when it is left out, actions of every year and
   * what is held now.
   */
  readonly year?: number | undefined;
  /** How many times this year was submitted, with this one; 1 when left out. */
  readonly version?: number | undefined;
}

export interface Article6Source extends CadTrustSource {
  readonly submission: Submission;
}

type Row = ReportRow<Article6Table>;

/** A batch with an authorisation in force, and all that its records need. */
interface Authorised extends Omit<ReportBatch, "authorisedAt" | "authorisedSince"> {
  readonly authorisedAt: bigint;
  readonly authorisedSince: bigint;
  readonly owner: ReportProject["owner"];
  readonly facts: ProjectFacts;
}

/** Required, and does not apply. */
const NOT_APPLICABLE = "NA";

const FIRST_TRANSFERS: Readonly<Record<FirstTransfer, string | undefined>> = {
  unspecified: undefined,
  authorisation: "Authorization",
  issuance: "Issuance",
  use: "Use or cancellation",
};

/** Tables 1 to 5 about the batches whose authorisation is in force, in the order in which they have to be inserted. */
export async function* article6Rows(source: Article6Source): AsyncGenerator<readonly Row[]> {
  const { db, snapshot } = source;
  const batches = authorisedBatches(source);
  yield entityRows(batches, source);
  yield [submissionRow(source)];
  yield batches.map((batch) => authorisationRow(batch, source));
  const end = endOfYear(source.submission);
  const held: { readonly batch: Authorised; readonly runs: SerialRange[] }[] = [];
  for (const batch of batches) {
    const runs: SerialRange[] = [];
    held.push({ batch, runs });
    yield inYear(firstTransferOfAll(batch), source).map((action) => actionRow(batch, action, source));
    for await (const some of unitRuns(db, batch, snapshot.bufferAccount)) {
      for (const run of some) if (wasHeld(batch, run, end)) append(runs, run);
      const actions = some.flatMap((run) => actionsOf(batch, run));
      yield inYear(actions, source).map((action) => actionRow(batch, action, source));
    }
  }
  for (const { batch, runs } of held) yield runs.map((run) => holdingRow(batch, run, source));
}

function authorisedBatches({ snapshot }: Article6Source): Authorised[] {
  const projects = new Map(snapshot.projects.map((project) => [project.code, project]));
  return snapshot.batches.flatMap((batch) => {
    const project = projects.get(batch.project);
    const { authorisedAt, authorisedSince } = batch;
    if (authorisedAt === null || authorisedSince === null || project === undefined) return [];
    return [{ ...batch, authorisedAt, authorisedSince, owner: project.owner, facts: factsOf(project) }];
  });
}

/** Owners of projects that have an authorised batch, as of their first one. */
function entityRows(batches: readonly Authorised[], { ids, submission }: Article6Source): Row[] {
  const first = new Map<number, Authorised>();
  for (const batch of batches.toSorted((a, b) => (a.authorisedAt < b.authorisedAt ? -1 : 1)))
    if (!first.has(batch.owner.id)) first.set(batch.owner.id, batch);
  return [...first.values()].map(({ owner, authorisedAt }) => ({
    table: "aef_t5_authorized_entities",
    key: owner.taxCode,
    record: {
      cadTrustAefT5AuthorizedEntitiesId: entityId(ids, owner),
      aefT5AuthorizedEntitiesAuthorizationDate: dayOf(authorisedAt),
      aefT5AuthorizedEntitiesName: textIn(owner.document, "name") ?? owner.taxCode,
      aefT5AuthorizedEntitiesIncorporationCountry: countryName(textIn(owner.document, "country")),
      aefT5AuthorizedEntitiesId: owner.taxCode,
      aefT5AuthorizedEntitiesCooperativeApproachId: submission.cooperativeApproach,
    },
  }));
}

function submissionRow({ ids, submission, snapshot }: Article6Source): Row {
  return {
    table: "aef_t1_submission",
    key: submission.party,
    record: {
      cadTrustAefT1SubmissionId: submissionId(ids, submission),
      aefT1SubmissionParty: countryName(submission.party),
      aefT1SubmissionVersion: submission.version ?? 1,
      aefT1SubmissionReportYear: submission.year ?? yearOf(snapshot.blockTime),
      aefT1SubmissionSubmissionDate: dayOf(snapshot.blockTime),
    },
  };
}

function authorisationRow(batch: Authorised, { ids, submission }: Article6Source): Row {
  const { facts, owner } = batch;
  return {
    table: "aef_t2_authorizations",
    key: batch.code,
    record: {
      cadTrustAefT2AuthorizationsId: authorisationId(ids, batch),
      aefT2AuthorizationsId: batch.code,
      aefT2AuthorizationsDate: dayOf(batch.authorisedAt),
      aefT2AuthorizationsCooperativeApproachId: submission.cooperativeApproach,
      aefT2AuthorizationsQuantity: Number(batch.issuedTonnes),
      aefT2AuthorizationsMetric: "GHC",
      aefT2AuthorizationsSector: facts.sector,
      aefT2AuthorizationsActivityType: facts.type,
      aefT2AuthorizationsPurposesForAuthorization: authorisationName(batch.authorisations),
      aefT2AuthorizationsAuthorizedPartyId: submission.party,
      aefT2AuthorizationsAuthorizedEntityId: owner.taxCode,
      aefT2AuthorizationsFirstTransferDefinitionOimp: FIRST_TRANSFERS[batch.firstTransfer],
      cadTrustAefT1SubmissionId: submissionId(ids, submission),
      cadTrustProjectId: ids("project", batch.project),
      cadTrustAefT5AuthorizedEntitiesId: entityId(ids, owner),
    },
  };
}

/** `at` in Unix seconds. `acquirer`: country that takes, or uses. */
interface Action extends SerialRange {
  readonly type: "First Transfer" | "Use" | "Cancellation";
  readonly at: bigint;
  readonly acquirer: string | undefined;
  readonly purpose: string | undefined;
}

/** Where all of a batch counts as first transferred at once. */
function firstTransferOfAll(batch: Authorised): Action[] {
  const { firstTransfer, authorisedAt, issuedAt, issuedTonnes } = batch;
  if (firstTransfer !== "authorisation" && firstTransfer !== "issuance") return [];
  const at = firstTransfer === "authorisation" ? authorisedAt : issuedAt;
  return [{ type: "First Transfer", at, start: 1n, end: issuedTonnes, acquirer: undefined, purpose: undefined }];
}

/** What happened to a run: nothing while it is held. Where use is the first transfer, a use or a cancellation is one, too. */
function actionsOf({ firstTransfer }: Authorised, run: UnitRun): Action[] {
  const last = endOf(run);
  if (last === undefined) return [];
  return firstTransfer === "use" ? [{ ...last, type: "First Transfer" }, last] : [last];
}

function endOf(run: UnitRun): Action | undefined {
  const { start, end } = run;
  if (run.status === "Retired") {
    const { at, country, purpose } = run.retirement;
    return { type: "Use", start, end, at, acquirer: country ?? undefined, purpose };
  }
  if (run.status === "Cancelled") {
    const { at } = run.cancellation;
    return { type: "Cancellation", start, end, at, acquirer: undefined, purpose: undefined };
  }
  return undefined;
}

/**
 * Whether a run was held at an instant, Unix seconds; undefined: now. A batch is issued in one piece, and what is retired or cancelled stays
 * so: what is gone since then was held.
 */
function wasHeld({ issuedAt, authorisedSince }: Authorised, run: UnitRun, at: bigint | undefined): boolean {
  if (at === undefined) return run.status === "Held" || run.status === "Buffer";
  if (issuedAt > at || authorisedSince > at) return false;
  const last = endOf(run);
  return last === undefined || last.at > at;
}

/** Runs that were held side by side are one. */
function append(runs: SerialRange[], { start, end }: SerialRange): void {
  const before = runs.at(-1);
  if (before !== undefined && before.end + 1n === start) runs[runs.length - 1] = { start: before.start, end };
  else runs.push({ start, end });
}

/** The last second of the year of a report. */
function endOfYear({ year }: Submission): bigint | undefined {
  return year === undefined ? undefined : BigInt(Date.UTC(year + 1, 0, 1) / 1_000) - 1n;
}

function inYear(actions: readonly Action[], { submission }: Article6Source): readonly Action[] {
  return submission.year === undefined ? actions : actions.filter(({ at }) => yearOf(at) === submission.year);
}

function actionRow(batch: Authorised, action: Action, { ids, submission }: Article6Source): Row {
  const key = `${batch.code}-${action.start}-${action.end}`;
  const { party } = submission;
  const isUse = action.type === "Use";
  return {
    table: "aef_t3_actions",
    key: `${action.type} ${key}`,
    record: {
      cadTrustAefT3ActionsId: ids("aef_t3_actions", `${action.type}:${key}`),
      aefT3ActionsDate: dayOf(action.at),
      aefT3ActionsType: action.type,
      ...common("aefT3Actions", batch, action, submission),
      aefT3ActionsTransferringPartyId: party,
      aefT3ActionsAcquiringPartyId: isUse ? (action.acquirer ?? NOT_APPLICABLE) : NOT_APPLICABLE,
      aefT3ActionsPurposeOfUseOimp: action.purpose,
      aefT3ActionsUsingParticipatingPartyId: isUse ? action.acquirer : undefined,
      aefT3ActionsItmoUsedYear: isUse ? yearOf(action.at) : undefined,
      cadTrustAefT1SubmissionId: submissionId(ids, submission),
      cadTrustProjectId: ids("project", batch.project),
      cadTrustAefT2AuthorizationsId: authorisationId(ids, batch),
    },
  };
}

function holdingRow(batch: Authorised, run: SerialRange, { ids, submission }: Article6Source): Row {
  const key = `${batch.code}-${run.start}-${run.end}`;
  return {
    table: "aef_t4_holdings",
    key,
    record: {
      cadTrustAefT4HoldingsId: ids("aef_t4_holdings", key),
      ...common("aefT4Holdings", batch, run, submission),
      cadTrustAefT1SubmissionId: submissionId(ids, submission),
      cadTrustProjectId: ids("project", batch.project),
      cadTrustAefT2AuthorizationsId: authorisationId(ids, batch),
    },
  };
}

/** What actions and holdings say alike, under names that begin with their table's. */
function common(prefix: string, batch: Authorised, run: SerialRange, { party, cooperativeApproach }: Submission) {
  const { facts } = batch;
  const original = originalSerials(batch, run);
  const members = {
    CooperativeApproachId: cooperativeApproach,
    AuthorizationId: batch.code,
    FirstTransferringPartyId: party,
    PartyItmoRegistryId: party,
    ItmoFirstId: `${batch.code}-${run.start}`,
    ItmoLastId: `${batch.code}-${run.end}`,
    UnitRegistryId: batch.foreign?.programme ?? facts.programme ?? party,
    UnitFirstId: String(original.start),
    UnitLastId: String(original.end),
    Metric: "GHC",
    QuantityTCo2: Number(run.end - run.start + 1n),
    MitigationType: mitigationOf(facts),
    VintageYear: batch.vintage,
  };
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [prefix + name, value]));
}

function mitigationOf({ unitType }: ProjectFacts): string | undefined {
  if (unitType === undefined || unitType === "Not Determined") return undefined;
  return unitType.startsWith("Removal") ? "Removals" : "Emission reductions";
}

/** Calendar year of Unix seconds, UTC. */
function yearOf(seconds: bigint): number {
  return new Date(Number(seconds) * 1_000).getUTCFullYear();
}

const entityId = (ids: RecordIds, { id }: ReportProject["owner"]): string =>
  ids("aef_t5_authorized_entities", String(id));

const submissionId = (ids: RecordIds, { party, cooperativeApproach, year, version = 1 }: Submission): string =>
  ids("aef_t1_submission", `${party}:${cooperativeApproach}:${year ?? "all"}${version === 1 ? "" : `:${version}`}`);

const authorisationId = (ids: RecordIds, { code }: { readonly code: string }): string =>
  ids("aef_t2_authorizations", code);
