import canonicalize from "canonicalize";
import { Problem } from "../errors.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { EXPORTS_TAG, exportPage, exportParams, exportQuery, exportSchema } from "./schemas.js";
import type { Exports, KnownExport } from "./service.js";

/** What was exported, and the manifests. The files themselves come from where their rows do. */
export function exportRoutes(exports: Exports): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/exports",
    summary: "Exports, the latest first",
    description: "A participant's key sees its own.",
    tag: EXPORTS_TAG,
    access: "key",
    query: exportQuery,
    answers: { 200: { description: "A page.", schema: exportPage } },
    async handle({ query, principal }) {
      const { items, next } = await exports.list(principal, query);
      return ok({ items: items.map(exportItem), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/exports/{id}",
    summary: "An export, and its manifest once it is complete",
    description: "Of an export without a key: for everybody who knows its id.",
    tag: EXPORTS_TAG,
    access: "public",
    params: exportParams,
    answers: { 200: { description: "The export.", schema: exportSchema } },
    async handle({ params, principal }) {
      return ok(exportItem(await exports.get(principal, params.id)));
    },
  });

  const manifest = defineRoute({
    method: "get",
    path: "/exports/{id}/manifest",
    summary: "The signed manifest of an export, as canonical JSON to be kept beside the file",
    tag: EXPORTS_TAG,
    access: "public",
    params: exportParams,
    answers: { 200: { description: "RFC 8785 bytes.", contentTypes: ["application/json"] } },
    problems: ["export-unfinished", "export-abandoned"],
    async handle({ params, principal }) {
      const { status, manifest } = await exports.get(principal, params.id);
      if (status === "abandoned") throw new Problem("export-abandoned", `Nobody read export ${params.id} to its end.`);
      if (manifest === null) throw new Problem("export-unfinished", `Export ${params.id} is still being read.`);
      const body = canonicalize(manifest) ?? "";
      return { status: 200, content: { type: "application/json", body, fileName: `${params.id}.manifest.json` } };
    },
  });

  return [list, one, manifest];
}

function exportItem(known: KnownExport) {
  const { id, subject, format, query, blockNumber, blockHash, status, createdAt, manifest } = known;
  return {
    id,
    subject,
    format,
    query,
    blockNumber: Number(blockNumber),
    blockHash,
    status,
    createdAt: createdAt.toISOString(),
    manifest,
    links: { self: `/v1/exports/${id}`, manifest: `/v1/exports/${id}/manifest` },
  };
}
