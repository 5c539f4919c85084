import { keccak256OfText } from "../../src/chain/keccak.js";
import { createFirm } from "../../src/client/firm.js";
import { addressOf, newPrivateKey } from "../../src/client/keys.js";
import type { AccountChoice } from "../../src/client/requests.js";
import type { Address } from "../../src/client/types.js";
import type { Organisation, ScenarioBatch, ScenarioProject } from "./scenario.js";
import { actor, clientWithKey, resultOf, settled, writeOptions, type Offices, type Stage, type Step } from "./stage.js";
import { saveState } from "./state.js";

/** The acts of the registry's officers: organisations, projects, and what the verifier and two registrars issue. */
export function registrySteps(stage: Stage, offices: Offices): Step[] {
  const { organisations, projects, batches } = stage.scenario;
  return [
    ...organisations.map((organisation) => ({
      name: `admit:${organisation.id}`,
      run: () => admit(stage, offices, organisation),
    })),
    ...projects.map((project) => ({ name: `project:${project.code}`, run: () => register(stage, offices, project) })),
    ...batches.flatMap((batch) => [
      { name: `statement:${batch.code}`, run: () => recordStatement(stage, offices, batch) },
      { name: `propose:${batch.code}`, run: () => propose(stage, offices, batch) },
      { name: `approve:${batch.code}`, run: () => approve(stage, offices, batch) },
    ]),
  ];
}

async function admit(stage: Stage, offices: Offices, organisation: Organisation): Promise<string> {
  const registrar = offices.registrars[0];
  const privateKey = organisation.custody === "self" ? await firmKey(stage, organisation.id) : null;
  const choice: AccountChoice = privateKey === null ? { managed: true } : { account: addressOf(privateKey) };

  const operation = await settled(
    registrar,
    registrar.participants.admit(
      {
        ...choice,
        taxCode: organisation.taxCode,
        capabilities: organisation.capabilities,
        kycExpiresAt: stage.scenario.kycExpiresAt,
        document: documentOf(organisation),
      },
      writeOptions(stage, `admit:${organisation.id}`),
    ),
  );

  const participantId = Number(resultOf(operation, "participantId"));
  const account: Address = resultOf(operation, "account");
  const firm = privateKey === null ? null : createFirm({ client: stage.open, privateKey });
  const client =
    firm === null
      ? await clientWithKey(stage, `firm:${organisation.id}`, {
          scope: "participant",
          participantId,
          label: `Pilot: ${organisation.name}`,
        })
      : stage.open;
  stage.actors.set(organisation.id, { organisation, participantId, account, firm, client });
  return `Admitted ${organisation.name} (participant ${participantId}, ${organisation.custody === "self" ? "own key" : "managed key"})`;
}

/** Kept before it is used: an account whose key is lost could never act again. */
async function firmKey(stage: Stage, id: string): Promise<string> {
  const known = stage.state.firmKeys[id];
  if (known !== undefined) return known;
  const privateKey = newPrivateKey();
  stage.state.firmKeys[id] = privateKey;
  await saveState(stage.keysFile, stage.state);
  return privateKey;
}

function documentOf(organisation: Organisation) {
  const { name, kind, sector, source, sourceNote, taxCodeIsSynthetic } = organisation;
  const allocations =
    organisation.allocatedTonnes2025 === undefined
      ? {}
      : {
          facilityId: organisation.facilityId,
          allocatedTonnes2025: organisation.allocatedTonnes2025,
          allocatedTonnes2026: organisation.allocatedTonnes2026,
        };
  return { name, kind, sector, country: "VN", taxCodeIsSynthetic, ...allocations, source, sourceNote };
}

async function register(stage: Stage, offices: Offices, project: ScenarioProject): Promise<string> {
  const registrar = offices.registrars[0];
  const { code, owner, bufferBasisPoints, ...document } = project;
  const { participantId, organisation } = actor(stage, owner);

  await settled(
    registrar,
    registrar.projects.create(
      { code, ownerId: participantId, bufferBasisPoints, document: { ...document, developer: organisation.name } },
      writeOptions(stage, `project:${code}`),
    ),
  );
  for (const status of ["validated", "registered"] as const) {
    const options = writeOptions(stage, `project:${code}:${status}`);
    await settled(registrar, registrar.projects.setStatus(code, status, options));
  }
  return `Registered ${code} ${project.name} (${project.methodology})`;
}

async function recordStatement(stage: Stage, offices: Offices, batch: ScenarioBatch): Promise<string> {
  const { verifier } = offices;
  const operation = await settled(
    verifier,
    verifier.statements.record(
      {
        statement: {
          projectCode: batch.project,
          periodStart: batch.periodStart,
          periodEnd: batch.periodEnd,
          verifiedTonnes: batch.tonnes,
          reportHash: keccak256OfText(`${batch.code}: ${batch.sourceNote}`),
        },
      },
      writeOptions(stage, `statement:${batch.code}`),
    ),
  );
  stage.statementIds.set(batch.code, resultOf(operation, "statementId"));
  return `Verified ${batch.tonnes} t of ${batch.project}, ${batch.periodStart} to ${batch.periodEnd}`;
}

async function propose(stage: Stage, offices: Offices, batch: ScenarioBatch): Promise<string> {
  const registrar = offices.registrars[0];
  const operation = await settled(
    registrar,
    registrar.issuances.propose(
      {
        statementId: known(stage.statementIds, batch.code),
        batch: batch.code,
        vintage: batch.vintage,
        tonnes: batch.tonnes,
        recipient: actor(stage, ownerOf(stage, batch)).account,
        document: { source: batch.source, sourceNote: batch.sourceNote },
      },
      writeOptions(stage, `propose:${batch.code}`),
    ),
  );
  stage.issuanceIds.set(batch.code, resultOf(operation, "issuanceId"));
  return `Proposed ${batch.code}: ${batch.tonnes} t of vintage ${batch.vintage}`;
}

async function approve(stage: Stage, offices: Offices, batch: ScenarioBatch): Promise<string> {
  const registrar = offices.registrars[1];
  const issuanceId = known(stage.issuanceIds, batch.code);
  await settled(registrar, registrar.issuances.approve(issuanceId, writeOptions(stage, `approve:${batch.code}`)));
  return `Issued ${batch.code}, approved by a second registrar`;
}

function ownerOf(stage: Stage, batch: ScenarioBatch): string {
  const project = stage.scenario.projects.find((one) => one.code === batch.project);
  if (project === undefined) throw new Error(`The scenario has no project ${batch.project}`);
  return project.owner;
}

function known(map: ReadonlyMap<string, string>, code: string): string {
  const value = map.get(code);
  if (value === undefined) throw new Error(`A step that ${code} needs has not run`);
  return value;
}
