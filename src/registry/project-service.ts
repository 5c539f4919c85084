import type { ProjectStatus } from "../chain/event-types.js";
import type { RegistryCalls } from "../chain/registry-calls.js";
import type { Db } from "../db/connection.js";
import { findDocuments, nameIn, newDocument } from "../documents.js";
import { Problem } from "../errors.js";
import type { Asker, Institution } from "../institution.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import { findParticipant } from "../ledger/read/participants.js";
import { findProject, listProjects, type ProjectFilter, type ProjectView } from "../ledger/read/registry.js";
import { refuseUnlessUnsettled } from "../refusal.js";

export interface ProjectsDeps {
  readonly db: Db;
  readonly institution: Institution;
  readonly calls: RegistryCalls;
}

export interface NewProject {
  readonly code: string;
  readonly ownerId: number;
  readonly bufferBasisPoints: number;
  readonly document: object;
}

/** `document` and `name` are null when this service does not know the document. */
export interface KnownProject extends ProjectView {
  readonly name: string | null;
  readonly document: object | null;
}

/** `Capabilities.DEVELOP_PROJECTS`. */
const DEVELOP_PROJECTS = 4;
/** `Registry.MAX_BUFFER_BASIS_POINTS`. */
const MAX_BUFFER_BASIS_POINTS = 5_000;

export type Projects = ReturnType<typeof createProjects>;

/** Projects by their life cycle. Acts return the operation's id, and refuse with the codes of the contract's errors. */
export function createProjects({ db, institution, calls }: ProjectsDeps) {
  return {
    async get(code: string): Promise<KnownProject> {
      const view = await findProject(db, code);
      const [known] = view === null ? [] : await withDocuments(db, [view]);
      if (known === undefined) throw new Problem("not-found", `There is no project ${code}.`);
      return known;
    },

    async page(filter: ProjectFilter, request: PageRequest): Promise<Page<KnownProject>> {
      const { items, next } = await listProjects(db, filter, request);
      return { items: await withDocuments(db, items), next };
    },

    async list(asker: Asker, { code, ownerId, bufferBasisPoints, document }: NewProject): Promise<string> {
      if (bufferBasisPoints > MAX_BUFFER_BASIS_POINTS) {
        throw new Problem("registry-buffer-share-invalid", undefined, { evidence: { bufferBasisPoints } });
      }
      await refuseUnlessUnsettled(db, () => refusalOfListing(db, code, ownerId));
      const stored = newDocument("project", document);
      return institution.act(asker, {
        kind: "project.list",
        participantId: ownerId,
        call: calls.listProject({ code, ownerId, bufferBasisPoints, documentHash: stored.hash }),
        request: { code, ownerId, bufferBasisPoints, documentHash: stored.hash },
        documents: [stored],
      });
    },

    async setStatus(asker: Asker, code: string, status: ProjectStatus): Promise<string> {
      await refuseUnlessUnsettled(db, () => refusalOfUnknown(db, code));
      const call = calls.setProjectStatus(code, status);
      return institution.act(asker, { kind: "project.status", call, request: { code, status } });
    },

    async setDocument(asker: Asker, code: string, document: object): Promise<string> {
      await refuseUnlessUnsettled(db, () => refusalOfUnknown(db, code));
      const stored = newDocument("project", document);
      return institution.act(asker, {
        kind: "project.document",
        call: calls.setProjectDocument(code, stored.hash),
        request: { code, documentHash: stored.hash },
        documents: [stored],
      });
    },
  };
}

async function withDocuments(db: Db, projects: readonly ProjectView[]): Promise<KnownProject[]> {
  const documents = await findDocuments(
    db,
    projects.map((project) => project.documentHash),
  );
  return projects.map((project) => {
    const document = documents.get(project.documentHash);
    return { ...project, name: nameIn(document), document: document ?? null };
  });
}

async function refusalOfListing(db: Db, code: string, ownerId: number): Promise<Problem | undefined> {
  if ((await findProject(db, code)) !== null) {
    return new Problem("registry-code-taken", `There is a project ${code} already.`, { evidence: { code } });
  }
  const owner = await findParticipant(db, ownerId);
  if (owner === null) {
    const evidence = { participantId: ownerId };
    return new Problem("participants-unknown", `There is no participant ${ownerId}.`, { evidence });
  }
  const isCapable = owner.status === "active" && (owner.capabilities & DEVELOP_PROJECTS) !== 0;
  return isCapable ? undefined : new Problem("registry-owner-not-capable", undefined, { evidence: { ownerId } });
}

async function refusalOfUnknown(db: Db, code: string): Promise<Problem | undefined> {
  if ((await findProject(db, code)) !== null) return undefined;
  return new Problem("registry-project-unknown", `There is no project ${code}.`, { evidence: { projectCode: code } });
}
