import { createClient } from "../../../src/client/index.js";

/** What every answer has that any function of the client looks into. */
const ANSWER = JSON.stringify({ status: "final", items: [], next: null, nonce: "0", batch: "A", asOf: { block: 1 } });
const REFUSAL = JSON.stringify({ code: "forbidden", status: 403, detail: "", title: "", retryable: false });

/** Calls every function of the client with anything, and gives what was asked of the service: `GET /v1/participants/A`. */
export async function everyRequest(): Promise<string[]> {
  return [...new Set([...(await requestsOfFunctions()).values()].flat())];
}

/** The same by the function that asked: `auctions.bids().get` is a function of what `auctions.bids` gives. */
export async function requestsOfFunctions(): Promise<ReadonlyMap<string, readonly string[]>> {
  const asked = new Map<string, string[]>();
  let current = "";
  const client = createClient({
    baseUrl: "http://service.example",
    fetch: async (url, init) => {
      const { pathname } = new URL(url);
      asked.set(current, [...(asked.get(current) ?? []), `${init?.method ?? "GET"} ${pathname}`]);
      const isStream = new Headers(init?.headers).get("accept")?.startsWith("text/event-stream") === true;
      return isStream ? new Response(REFUSAL, { status: 403 }) : new Response(ANSWER);
    },
  });

  async function callAll(part: object, prefix: string): Promise<void> {
    for (const [name, member] of Object.entries(part) as [string, unknown][]) {
      const path = prefix === "" ? name : `${prefix}.${name}`;
      if (path === "repeat") continue;
      if (typeof member === "function") await callOne(member as (...given: unknown[]) => unknown, path);
      else if (typeof member === "object" && member !== null) await callAll(member, path);
    }
  }

  async function callOne(act: (...given: unknown[]) => unknown, path: string): Promise<void> {
    current = path;
    const isUpload = path === "imports.create";
    const given = isUpload
      ? act(new Blob(["a"]), { registry: "verra", owner: 1 })
      : act(...["A", "B", "C"].map(anything));
    if (typeof given === "object" && given !== null && Symbol.asyncIterator in given) {
      // A stream is refused; a list is empty.
      await (given as AsyncGenerator).next().catch(() => undefined);
      return;
    }
    if (!(given instanceof Promise)) {
      // A collection of its own, as the bids of an auction.
      await callAll(given as object, `${path}()`);
      return;
    }
    // What it makes of the answer is not the question here.
    await given.catch(() => undefined);
  }

  await callAll(client, "");
  return asked;
}

/** A text that can also stand for an object of which nothing is known. */
const anything = (text: string): unknown => new String(text);
