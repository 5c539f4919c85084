import { createClient } from "../../../src/client/index.js";

/** What every answer has that any function of the client looks into. */
const ANSWER = JSON.stringify({ status: "final", items: [], next: null, nonce: "0", batch: "A", asOf: { block: 1 } });
const REFUSAL = JSON.stringify({ code: "forbidden", status: 403, detail: "", title: "", retryable: false });

/** Calls every function of the client with anything, and gives what was asked of the service: `GET /v1/participants/A`. */
export async function everyRequest(): Promise<string[]> {
  const asked = new Set<string>();
  const client = createClient({
    baseUrl: "http://service.example",
    fetch: async (url, init) => {
      const { pathname } = new URL(url);
      asked.add(`${init?.method ?? "GET"} ${pathname}`);
      const isStream = new Headers(init?.headers).get("accept")?.startsWith("text/event-stream") === true;
      return isStream ? new Response(REFUSAL, { status: 403 }) : new Response(ANSWER);
    },
  });
  const { repeat: _, imports, ...rest } = client;
  await callAll(rest);
  const { create, ...others } = imports;
  await callAll(others);
  await create(new Blob(["a"]), { registry: "verra", owner: 1 });
  return [...asked];
}

/** A text that can also stand for an object of which nothing is known. */
const anything = (text: string): unknown => new String(text);

async function callAll(part: object): Promise<void> {
  for (const member of Object.values(part) as unknown[]) {
    if (typeof member === "function") await callOne(member as (...given: unknown[]) => unknown);
    else if (typeof member === "object" && member !== null) await callAll(member);
  }
}

async function callOne(act: (...given: unknown[]) => unknown): Promise<void> {
  const given = act(...["A", "B", "C"].map(anything));
  if (typeof given === "object" && given !== null && Symbol.asyncIterator in given) {
    // A stream is refused; a list is empty.
    await (given as AsyncGenerator).next().catch(() => undefined);
    return;
  }
  if (!(given instanceof Promise)) {
    // A collection of its own, as the bids of an auction.
    await callAll(given as object);
    return;
  }
  // What it makes of the answer is not the question here.
  await given.catch(() => undefined);
}
