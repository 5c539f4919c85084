import { CliError, type Io } from "./io.js";

/**
 * Asks the service for something.
 * @param path Below `/v1`, with its query.
 * @returns a 2xx answer, whose body is still to be read
 * @throws CliError when the service cannot be reached or refuses, in its own words
 */
export async function ask(io: Io, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (io.key !== undefined) headers.set("authorization", `Bearer ${io.key}`);
  const url = `${io.url}/v1${path}`;
  let response: Response;
  try {
    response = await fetch(url, { ...init, headers });
  } catch (error) {
    throw new CliError(`The service cannot be reached at ${io.url}.`, { cause: error });
  }
  if (response.ok) return response;
  throw new CliError(`${path}: ${await refusalOf(response)}`);
}

async function refusalOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const { code, detail, remedy } = JSON.parse(text) as Record<string, unknown>;
    if (typeof code === "string") return `${String(detail)} (${code}) ${String(remedy)}`;
  } catch {
    // No problem document: the status says what there is to say.
  }
  return `the answer was ${response.status} ${response.statusText}`;
}
