import { defineRoute, type Reply, type Route } from "../http/route.js";
import { INSTITUTIONAL_ROLES } from "../principal.js";
import { article6Query } from "./schemas.js";
import type { Reports } from "./service.js";

const NDJSON = "application/x-ndjson";
const ANSWER = {
  200: {
    description:
      'Lines `{"table", "record"}` in the order of insertion; the last one is the table `summary`: counts by table, findings, and the ' +
      "blocks of the read model when it began and ended. Without it the report is not whole.",
    contentTypes: [NDJSON],
  },
} as const;

export function reportRoutes(reports: Reports): Route[] {
  const cadTrust = defineRoute({
    method: "get",
    path: "/reports/cad-trust",
    summary: "Projects, issuances, units and labels in the CAD Trust data model 2.0.2",
    description: "Each unit is in it once. Who holds what is not: units side by side that are held are one record.",
    tag: "Reports",
    access: "public",
    answers: ANSWER,
    problems: ["too-many-exports"],
    async handle() {
      return fileOf(reports.cadTrust(), "cad-trust.ndjson");
    },
  });

  const article6 = defineRoute({
    method: "get",
    path: "/reports/article-6",
    summary: "Tables 1 to 5 of the agreed electronic format of Article 6.2",
    description:
      "About the batches whose authorisation is in force. Each of their units is held, used or cancelled once.",
    tag: "Reports",
    access: { scopes: ["auditor", "regulator", "admin"], roles: INSTITUTIONAL_ROLES },
    query: article6Query,
    answers: ANSWER,
    problems: ["too-many-exports"],
    async handle({ query }) {
      return fileOf(reports.article6(query), "article-6.ndjson");
    },
  });

  return [cadTrust, article6];
}

function fileOf(body: AsyncGenerator<Uint8Array>, fileName: string): Reply {
  return { status: 200, content: { type: `${NDJSON}; charset=utf-8`, body, fileName } };
}
