import { CliError } from "./errors.js";
import { readInput } from "./files.js";

/** A JSON object in a file. @throws CliError */
export async function documentIn(file: string): Promise<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(await readInput(file)));
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`${file} is not JSON.`, { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CliError(`${file} is not a JSON object.`);
  }
  return value as Record<string, unknown>;
}

export interface DocumentOptions {
  readonly document?: string;
  readonly name?: string;
}

/** A public record: the file, and what was said on the command line. @throws CliError */
export async function documentOf({ document, name }: DocumentOptions): Promise<Record<string, unknown>> {
  const base = document === undefined ? {} : await documentIn(document);
  return name === undefined ? base : { ...base, name };
}
