import { createContext, runInContext } from "node:vm";
import { verifyTypedData, Wallet } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";

import { bundleClient } from "../../../scripts/client/bundle.js";
import { batchIdOf } from "../../../src/chain/codes.js";
import { INTENT_TYPES, mutableTypes } from "../../../src/chain/intents.js";

const KEY = `0x${"11".repeat(32)}`;
const OTHER = new Wallet(`0x${"22".repeat(32)}`).address;
const INTENTS = new Wallet(`0x${"33".repeat(32)}`).address;
const BATCH = "VN-VCS-1975-2020-01";

let text: string;
beforeAll(async () => {
  text = await bundleClient("iife");
});

describe("The client for browsers", () => {
  it("should be of a size that a page can load, and import nothing", () => {
    expect(Buffer.byteLength(text)).toBeLessThan(300_000);
    expect(text).not.toMatch(/\brequire\("|\bimport\(|from"node:/);
  });

  it("should sign and send where there is nothing of Node", async () => {
    const sent: { method: string; path: string; body: string }[] = [];
    const answers: Record<string, object> = {
      "/v1/chain": { chainId: 31337, contracts: { intents: INTENTS } },
      "/v1/transfers": { id: "op", status: "final" },
    };
    // What every browser has on any page, secure or not; nothing else.
    const context = createContext({
      ...{ AbortController, AbortSignal, Blob, DOMException, FormData, Headers, ReadableStream, Response },
      ...{ TextDecoder, TextDecoderStream, TextEncoder, URL, clearTimeout, setTimeout },
      crypto: { getRandomValues: (array: Uint8Array) => crypto.getRandomValues(array), subtle: undefined },
      fetch: async (url: string, init: { method: string; body?: string }) => {
        const path = new URL(url).pathname;
        sent.push({ method: init.method, path, body: init.body ?? "" });
        return Response.json(answers[path]);
      },
    });
    runInContext("globalThis.self = globalThis", context);
    runInContext(text, context);

    const script = `(async () => {
      const client = carbonClient.createClient({ baseUrl: "https://service.example" });
      const firm = carbonClient.createFirm({ client, privateKey: "${KEY}" });
      const done = await firm.transfer({ to: "${OTHER}", batch: "${BATCH}", tonnes: 3n }, { nonce: 1n, deadline: 2n });
      return done.status;
    })()`;
    expect(await (runInContext(script, context) as Promise<string>)).toBe("final");

    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /v1/chain", "POST /v1/transfers"]);
    const { signature } = JSON.parse(sent[1]?.body ?? "") as { signature: string };
    const domain = { name: "CarbonLedger", version: "1", chainId: 31337n, verifyingContract: INTENTS };
    const account = new Wallet(KEY).address;
    const value = { account, to: OTHER, batchId: batchIdOf(BATCH), tonnes: 3n, blocks: [], nonce: 1n, deadline: 2n };
    expect(verifyTypedData(domain, mutableTypes(INTENT_TYPES.transfer), value, signature)).toBe(account);
  });
});
