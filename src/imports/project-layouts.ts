import type { ProjectStatus } from "../chain/event-types.js";
import type { JsonObject } from "../db/inbox-tables.js";
import { quoted, RowRefusal } from "./values.js";

/** A project, as a row of a list of projects has it. */
export interface ProjectRow {
  readonly kind: "project";
  readonly project: string;
  /** Becomes the public record. */
  readonly projectSource: JsonObject;
  readonly target: ProjectStatus;
}

/** What the registries' words mean here; a word begins the status, in small letters. */
const STATUSES: readonly (readonly [word: string, status: ProjectStatus])[] = [
  ["under development", "listed"],
  ["under validation", "listed"],
  ["registration requested", "listed"],
  ["registration and verification approval requested", "listed"],
  ["late to verify", "registered"],
  ["listed", "listed"],
  ["gold standard certified design", "validated"],
  ["gold standard certified project", "registered"],
  ["certified design", "validated"],
  ["certified project", "registered"],
  ["verification approval requested", "registered"],
  ["registered", "registered"],
  ["on hold", "inactive"],
  ["inactive", "inactive"],
  ["completed", "completed"],
  ["crediting period renewal", "registered"],
  ["rejected", "rejected"],
  ["registration request denied", "rejected"],
  ["withdrawn", "withdrawn"],
];

/** @throws RowRefusal */
export function projectRow(programme: string, id: string, status: string, source: JsonObject): ProjectRow {
  if (!/^\d{1,9}$/.test(id)) throw new RowRefusal("code-invalid", `${quoted(id)} is no project's number.`);
  const target = STATUSES.find(([word]) => status.toLowerCase().startsWith(word))?.[1];
  if (target === undefined) throw new RowRefusal("status-unknown", `The project's status is ${quoted(status)}.`);
  return { kind: "project", project: `${programme}-${id}`, projectSource: source, target };
}

const ORDINARY: readonly ProjectStatus[] = ["listed", "validated", "registered"];

/** The statuses that a project goes through, the last one included; null when there is no way. @param from Null when it is not listed yet. */
export function pathTo(from: ProjectStatus | null, target: ProjectStatus): readonly ProjectStatus[] | null {
  const ways: Readonly<Partial<Record<ProjectStatus, readonly ProjectStatus[]>>> = {
    listed: ["listed"],
    validated: ["listed", "validated"],
    registered: ["listed", "validated", "registered"],
    completed: ["listed", "validated", "registered", "completed"],
    inactive: ["listed", "validated", "registered", "inactive"],
    rejected: ["listed", "rejected"],
    withdrawn: ["listed", "withdrawn"],
  };
  const way = ways[target] ?? [];
  if (from === null) return way;
  if (from === target) return [];
  if (from === "inactive" && target === "registered") return ["registered"];
  // A list of projects may be older than what the ledger knows.
  if (ORDINARY.indexOf(from) > ORDINARY.indexOf(target) && ORDINARY.includes(target)) return [];
  const at = way.indexOf(from);
  return at < 0 ? null : way.slice(at + 1);
}
