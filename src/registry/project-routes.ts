import { defineAct, type OperationsPort } from "../http/act.js";
import { madeBy } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import {
  newProjectBody,
  projectDocumentBody,
  projectPage,
  projectQuery,
  projectSchema,
  projectStatusBody,
} from "./project-schemas.js";
import type { KnownProject, Projects } from "./project-service.js";
import { codeParams, oneQuery } from "./schemas.js";

const TAG = "Projects";
const REGISTRAR = { roles: ["registrar"] } as const;

export function projectRoutes(projects: Projects, operations: OperationsPort): Route[] {
  return [...projectReads(projects), ...projectActs(projects, operations)];
}

function projectReads(projects: Projects): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/projects",
    summary: "Projects by code",
    tag: TAG,
    access: "public",
    query: projectQuery,
    answers: { 200: { description: "A page.", schema: projectPage } },
    async handle({ query }) {
      const { limit, cursor, minBlock: _, ...filter } = query;
      const { items, next } = await projects.page(filter, { limit, cursor });
      return ok({ items: items.map(toJson), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/projects/{code}",
    summary: "One project",
    tag: TAG,
    access: "public",
    params: codeParams,
    query: oneQuery,
    answers: { 200: { description: "The project.", schema: projectSchema } },
    problems: ["not-found"],
    handle: async ({ params }) => ok(toJson(await projects.get(params.code))),
  });

  return [list, one];
}

function projectActs(projects: Projects, operations: OperationsPort): Route[] {
  const create = defineAct(operations, {
    path: "/projects",
    summary: "List a project",
    tag: TAG,
    access: REGISTRAR,
    body: newProjectBody,
    problems: [
      "registry-code-taken",
      "registry-owner-not-capable",
      "registry-buffer-share-invalid",
      "participants-unknown",
    ],
    perform: (request) => projects.list(request, request.body),
  });

  const setStatus = defineAct(operations, {
    path: "/projects/{code}/status",
    summary: "Take a project to its next status",
    description:
      "`listed`, `validated`, `registered`, `completed` in this order; `registered` and `inactive` to and fro; before `registered` also " +
      "`rejected`; from any but `rejected` and `completed` also `withdrawn`.",
    tag: TAG,
    access: REGISTRAR,
    params: codeParams,
    body: projectStatusBody,
    problems: ["registry-project-unknown", "registry-project-transition-forbidden"],
    perform: (request) => projects.setStatus(request, request.params.code, request.body.status),
  });

  const setDocument = defineAct(operations, {
    path: "/projects/{code}/document",
    summary: "Replace a project's public record",
    tag: TAG,
    access: REGISTRAR,
    params: codeParams,
    body: projectDocumentBody,
    problems: ["registry-project-unknown"],
    perform: (request) => projects.setDocument(request, request.params.code, request.body.document),
  });

  return [create, setStatus, setDocument];
}

function toJson({ updatedBlock: _, txHash, blockNumber, ...project }: KnownProject) {
  const made = madeBy({ txHash, blockNumber }, `/v1/projects/${project.code}`);
  const links = {
    owner: `/v1/participants/${project.ownerId}`,
    statements: `/v1/verification-statements?projectCode=${project.code}`,
    batches: `/v1/batches?projectCode=${project.code}`,
  };
  return { ...project, ...made, links: { ...made.links, ...links } };
}
