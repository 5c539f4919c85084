import type { ProjectStatus } from "../chain/event-types.js";
import { isoDay } from "../chain/codes.js";
import type { Db } from "../db/connection.js";
import type { SerialRange } from "../ledger/serial-partition.js";
import { authorisationName } from "./authorisation-words.js";
import type { CadTrustTable } from "./cad-trust-schema.js";
import { dayOf, factsOf, textIn, wasValidated, type ProjectFacts } from "./project-facts.js";
import type { RegistrySnapshot, ReportBatch, ReportProject } from "./registry-snapshot.js";
import { unitLabelRow, unitRow } from "./unit-rows.js";
import { unitRuns } from "./unit-runs.js";
import type { RecordIds } from "./uuid5.js";

/** A record as it is written, and what a person calls it by. Members that are undefined are left out. */
export interface ReportRow<Table extends string> {
  readonly table: Table;
  readonly key: string;
  readonly record: Readonly<Record<string, unknown>>;
}

export interface CadTrustSource {
  readonly db: Db;
  readonly snapshot: RegistrySnapshot;
  readonly ids: RecordIds;
  /** Where the world reaches the service, without a slash at its end. */
  readonly origin: string;
}

export type Row = ReportRow<CadTrustTable>;

const LABELS_AT_ONCE = 2_000;

interface Described extends ReportProject {
  readonly facts: ProjectFacts;
}

const STATUS_NAMES: Readonly<Record<ProjectStatus, string>> = {
  none: "Listed",
  listed: "Listed",
  validated: "Validated",
  registered: "Registered",
  completed: "Completed",
  inactive: "Inactive",
  rejected: "Rejected",
  withdrawn: "Withdrawn",
};

/** What the registry knows, as the tables of CAD Trust, in the order in which they have to be inserted. Estimates, ratings and co-benefits it has none. */
export async function* cadTrustRows(source: CadTrustSource): AsyncGenerator<readonly Row[]> {
  const { snapshot, ids } = source;
  const projects = snapshot.projects.map((project) => ({ ...project, facts: factsOf(project) }));
  yield programRows(projects, ids);
  yield methodologyRows(projects, ids);
  yield projects.map((project) => stakeholderRow(project, ids));
  yield labelled(snapshot).map((batch) => labelRow(batch, ids));
  yield projects.map((project) => projectRow(project, source));
  yield projects.flatMap((project) => projectMethodologyRows(project, ids));
  yield projects.filter(({ status }) => wasValidated(status)).map((project) => validationRow(project, ids));
  const byCode = new Map(projects.map((project) => [project.code, project]));
  yield snapshot.statements.map((statement) => verificationRow(statement, byCode.get(statement.project), ids));
  yield projects.map((project) => locationRow(project, ids));
  yield snapshot.batches.map((batch) => issuanceRow(batch, byCode.get(batch.project), ids));
  // Labels come after all units and name them: blocks that move meanwhile must not give them other names.
  const labels: (SerialRange & { readonly batch: ReportBatch })[] = [];
  for (const batch of snapshot.batches) {
    const project = byCode.get(batch.project);
    for await (const runs of unitRuns(source.db, batch, snapshot.bufferAccount)) {
      if (batch.authorisedAt !== null) for (const { start, end } of runs) labels.push({ batch, start, end });
      yield runs.map((run) => unitRow(batch, project?.facts.unitType, run, source));
    }
  }
  for (let from = 0; from < labels.length; from += LABELS_AT_ONCE)
    yield labels.slice(from, from + LABELS_AT_ONCE).map(({ batch, ...run }) => unitLabelRow(batch, run, ids));
}

/** Batches with an authorisation in force. */
function labelled({ batches }: RegistrySnapshot): ReportBatch[] {
  return batches.filter(({ authorisedAt }) => authorisedAt !== null);
}

function programRows(projects: readonly Described[], ids: RecordIds): Row[] {
  const programmes = new Map(projects.map(({ facts }) => [facts.programme, facts]));
  return [...programmes].flatMap(([programme, facts]) =>
    programme === undefined
      ? []
      : [
          {
            table: "program" as const,
            key: programme,
            record: {
              cadTrustProgramId: ids("program", programme),
              programName: facts.programmeName,
              programRegistry: facts.registryName,
              programRegistryId: programme,
            },
          },
        ],
  );
}

function methodologyRows(projects: readonly Described[], ids: RecordIds): Row[] {
  const methodologies = new Map(projects.map(({ facts }) => [facts.methodology, facts]));
  return [...methodologies].flatMap(([methodology, facts]) =>
    methodology === undefined
      ? []
      : [
          {
            table: "methodology" as const,
            key: methodology,
            record: {
              cadTrustMethodologyId: ids("methodology", methodology),
              methodologyCode: methodology,
              methodologyName: facts.methodologyTitle,
            },
          },
        ],
  );
}

/** Who is not known by name is called by the tax code. */
function stakeholderRow({ code, owner }: Described, ids: RecordIds): Row {
  return {
    table: "stakeholder",
    key: `${code} ${owner.taxCode}`,
    record: {
      cadTrustStakeholderId: ids("stakeholder", `${code}:${owner.id}`),
      stakeholderName: textIn(owner.document, "name") ?? owner.taxCode,
      stakeholderType: "Developer",
      cadTrustProjectId: ids("project", code),
    },
  };
}

function labelRow(batch: ReportBatch, ids: RecordIds): Row {
  return {
    table: "label",
    key: batch.code,
    record: {
      cadTrustLabelId: ids("label", batch.code),
      labelName: `Article 6 authorisation: ${authorisationName(batch.authorisations)}`,
      labelType: "Article 6 - Authorisation",
      labelDate: batch.authorisedAt === null ? undefined : dayOf(batch.authorisedAt),
    },
  };
}

function projectRow({ code, status, changedAt, facts }: Described, { ids, origin }: CadTrustSource): Row {
  return {
    table: "project",
    key: code,
    record: {
      cadTrustProjectId: ids("project", code),
      projectRegistryName: facts.registryName,
      projectId: facts.registryId,
      projectCreditingProgram: facts.programme,
      projectName: facts.name,
      projectLink: facts.link ?? `${origin}/v1/projects/${code}`,
      projectDescription: facts.description,
      projectSector: [facts.sector],
      projectType: [facts.type],
      projectSubtype: facts.subtype,
      projectStatus: STATUS_NAMES[status],
      projectStatusDate: dayOf(changedAt),
      projectUnitMetric: "tCO2e",
      cadTrustProgramId: facts.programme === undefined ? undefined : ids("program", facts.programme),
    },
  };
}

function projectMethodologyRows({ code, facts }: Described, ids: RecordIds): Row[] {
  if (facts.methodology === undefined) return [];
  const record = {
    cadTrustProjectMethodologyId: ids("project_methodology", code),
    cadTrustProjectId: ids("project", code),
    cadTrustMethodologyId: ids("methodology", facts.methodology),
  };
  return [{ table: "project_methodology", key: code, record }];
}

function validationRow({ code, facts }: Described, ids: RecordIds): Row {
  return {
    table: "validation",
    key: code,
    record: {
      cadTrustValidationId: ids("validation", code),
      validationId: `${code}-VALIDATION`,
      validationType: "Validation of Project Design Document",
      validationBody: facts.validationBody,
      cadTrustProjectId: ids("project", code),
    },
  };
}

/** The ledger knows who signed a statement by an address only: it is taken that who validated a project also verifies it. */
function verificationRow(
  { id, project: code, periodStart, periodEnd }: RegistrySnapshot["statements"][number],
  project: Described | undefined,
  ids: RecordIds,
): Row {
  return {
    table: "verification",
    key: id,
    record: {
      cadTrustVerificationId: ids("verification", id),
      verificationId: id,
      verificationStartDate: isoDay(periodStart),
      verificationEndDate: isoDay(periodEnd),
      verificationBody: project?.facts.validationBody,
      cadTrustProjectId: ids("project", code),
      cadTrustValidationId: project !== undefined && wasValidated(project.status) ? ids("validation", code) : undefined,
    },
  };
}

function locationRow({ code, facts }: Described, ids: RecordIds): Row {
  return {
    table: "location",
    key: code,
    record: {
      cadTrustLocationId: ids("location", code),
      locationCountry: facts.country,
      locationRegion: facts.region,
      cadTrustProjectId: ids("project", code),
    },
  };
}

function issuanceRow(batch: ReportBatch, project: Described | undefined, ids: RecordIds): Row {
  return {
    table: "issuance",
    key: batch.code,
    record: {
      cadTrustIssuanceId: ids("issuance", batch.code),
      issuanceId: batch.code,
      issuanceDate: dayOf(batch.issuedAt),
      cadTrustVerificationId: ids("verification", batch.statementId),
      cadTrustProjectMethodologyId:
        project?.facts.methodology === undefined ? undefined : ids("project_methodology", batch.project),
      cadTrustLocationId: ids("location", batch.project),
    },
  };
}
