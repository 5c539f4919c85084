import type { z } from "zod";
import { Problem, type FieldError } from "../errors.js";
import type { RouteDescription } from "./route.js";

export interface RawParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/**
 * Parses what a route declares, all parts before the first complaint. A part that is not declared must be empty.
 * @throws Problem `validation-failed` with every field that does not fit, `page-size` or `cursor-invalid`
 */
export function validate(route: RouteDescription, raw: RawParts): RawParts {
  const errors: FieldError[] = [];
  const parse = (part: "path" | "query" | "body", schema: z.ZodType | undefined, value: unknown): unknown => {
    if (schema === undefined) {
      if (part === "query")
        errors.push(...Object.keys(value ?? {}).map((name) => fieldError(part, [name], "unknown field")));
      return undefined;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    errors.push(...parsed.error.issues.flatMap((issue) => fieldErrors(part, issue)));
    return undefined;
  };

  const params = parse("path", route.params, raw.params);
  const query = parse("query", route.query, raw.query);
  const body = parse("body", route.body, raw.body);
  if (errors.length > 0) throw problemOfErrors(errors);
  return { params, query, body };
}

function problemOfErrors(errors: readonly FieldError[]): Problem {
  const only = errors.length === 1 ? errors[0] : undefined;
  if (only?.path === "/query/limit") return new Problem("page-size", undefined, { errors });
  if (only?.path === "/query/cursor") return new Problem("cursor-invalid", undefined, { errors });
  const summary = errors.map((error) => `${error.path}: ${error.message}`).join("; ");
  return new Problem("validation-failed", summary.slice(0, 1_000), { errors: errors.slice(0, MAX_ERRORS) });
}

/** More complaints than this about one request help nobody. */
const MAX_ERRORS = 50;

function fieldErrors(part: string, issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => fieldError(part, [...issue.path, key], "unknown field"));
  }
  if (issue.code === "invalid_union") {
    const closest = closestBranch(issue.errors);
    if (closest !== undefined) {
      return closest.flatMap((inner) => fieldErrors(part, { ...inner, path: [...issue.path, ...inner.path] }));
    }
  }
  return [fieldError(part, issue.path, issue.message)];
}

/** Of the alternatives of a union, the one with the fewest complaints is most likely what was meant. */
function closestBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  return branches.toSorted((a, b) => weight(a) - weight(b))[0];
}

function weight(issues: readonly z.core.$ZodIssue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === "unrecognized_keys" ? issue.keys.length : 1), 0);
}

function fieldError(part: string, path: readonly PropertyKey[], message: string): FieldError {
  const pointer = path
    .map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1").slice(0, 100)}`)
    .join("");
  return { path: `/${part}${pointer}`, message };
}
