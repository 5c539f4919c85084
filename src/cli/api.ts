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
    response = await fetchOf(io)(url, { ...init, headers });
  } catch (error) {
    throw new CliError(`The service cannot be reached at ${io.url}.`, { cause: error });
  }
  if (response.ok) return response;
  throw new CliError(`${path}: ${await refusalOf(response)}`);
}

/** With `--min-block`, what is read waits for that block; streams and acts do not know it. */
export function fetchOf({ minBlock }: Pick<Io, "minBlock">): typeof fetch {
  if (minBlock === undefined) return fetch;
  return async (input, init = {}) => {
    const isStream = new Headers(init.headers).get("accept")?.startsWith("text/event-stream") === true;
    const url = new URL(input instanceof Request ? input.url : input);
    const isRead = (init.method ?? "GET") === "GET" && !isStream && url.pathname.includes("/v1/");
    if (isRead && !url.searchParams.has("minBlock")) url.searchParams.set("minBlock", String(minBlock));
    return fetch(url, init);
  };
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
