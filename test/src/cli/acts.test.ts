import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Wallet } from "ethers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { hashIntent, intentDomain } from "../../../src/chain/intents.js";
import { intentFromJson } from "../../../src/chain/intent-json.js";
import { sealKeystore } from "../../../src/chain/keystore.js";
import { startCarbon } from "../../support/carbon.js";
import { startFakeService, type FakeAnswer, type FakeService, type SeenRequest } from "../client/fake-service.js";

const KEY = `0x${"11".repeat(32)}`;
const { address: ADDRESS } = new Wallet(KEY);
const OTHER = new Wallet(`0x${"22".repeat(32)}`).address;
const INTENTS = new Wallet(`0x${"33".repeat(32)}`).address;
const PASSWORD = "correct horse";
const BATCH = "VN-1-2024";
const ESCAPE = "\u001b";

const operation = {
  id: `0x${"ab".repeat(32)}`,
  kind: "transfer",
  status: "final",
  txHash: `0x${"cd".repeat(32)}`,
  blockNumber: 1234,
  result: { transferId: "1-2", blocks: [{ start: "1", end: "5" }] },
  problem: null,
  createdAt: "2026-01-31T09:00:00.000Z",
  updatedAt: "2026-01-31T09:00:01.000Z",
};
const problem = {
  type: "/v1/errors#units-insufficient-balance",
  title: "Not enough",
  status: 422,
  code: "units-insufficient-balance",
  detail: `Only 3 t${ESCAPE}[2J are there.`,
  retryable: false,
  remedy: "Name at most 3.",
};

let person: ReturnType<typeof startCarbon>;
let service: FakeService;
let answer: (request: SeenRequest) => FakeAnswer;
beforeAll(async () => {
  person = startCarbon();
  const file = join(person.home, "wallet.json");
  writeFileSync(file, await sealKeystore(KEY, PASSWORD, 2));
  await person.carbon(["keys", "import", file, "--name", "own"], { env: { CARBON_PASSWORD: PASSWORD } });
  service = await startFakeService((request) => {
    if (request.path === "/v1/chain") return { body: { chainId: 31337, contracts: { intents: INTENTS } } };
    if (request.method === "GET") return { status: 404, body: { ...problem, status: 404, code: "not-found" } };
    return answer(request);
  });
});
afterAll(async () => {
  await service.close();
  person.close();
});
afterEach(() => void service.seen.splice(0));

const acts = (): SeenRequest[] => service.seen.filter(({ method }) => method !== "GET");
const transfer = ["transfer", BATCH, "5", "--to", OTHER];
const own = [...transfer, "--sign-with", "own"];

async function carbon(args: readonly string[], env: Record<string, string> = { CARBON_PASSWORD: PASSWORD }) {
  return person.carbon(["--url", service.baseUrl, ...args], { env: { CARBON_TRIES: "2", ...env } });
}

describe("a command that signs", () => {
  it("given --dry-run, it should say what would be signed, with its hash, and need no password", async () => {
    const { code, json } = await carbon([...own, "--serials", "1-3,7-8", "--dry-run", "--json"], {});
    expect([code, acts()]).toEqual([0, []]);
    expect(json.intent).toMatchObject({ account: ADDRESS, to: OTHER, batch: BATCH, tonnes: "5" });
    expect(json.intent.blocks).toEqual([
      { start: "1", end: "3" },
      { start: "7", end: "8" },
    ]);
    const domain = intentDomain(31337n, INTENTS);
    expect(json.hash).toBe(hashIntent("transfer", intentFromJson("transfer", json.intent), domain));
    const plain = await carbon([...own, "--dry-run"], {});
    expect(plain.out).toContain(`units         5 t of ${BATCH}`);
    expect(plain.out).toContain("which is no account of the ledger");
    expect(plain.out).toContain("nothing was signed or sent");
  });

  it("should send what it showed, signed by the key of this machine", async () => {
    answer = () => ({ body: operation });
    const { code, out, err } = await carbon(own);
    expect(code).toBe(0);
    expect(err).toContain("EIP-712 hash");
    expect(out).toContain("final  transfer");
    expect(out).toContain("block        1,234");
    expect(out).toContain("serials      1-5");
    const body = acts()[0]?.body as { intent: Record<string, string>; signature: string };
    expect(body.intent).toMatchObject({ account: ADDRESS, tonnes: "5" });
    expect(body.signature).toMatch(/^0x[0-9a-f]{130}$/);
  });

  it("given an API key alone, it should leave the signing to the service", async () => {
    answer = () => ({ body: operation });
    const { code } = await carbon([...transfer, "--key", "cl_1", "--account", ADDRESS]);
    expect([code, acts()[0]?.body]).toEqual([0, { account: ADDRESS, batch: BATCH, tonnes: "5", to: OTHER }]);
  });

  it("given nobody who could sign, a wrong password, or the key of another account, it should send nothing", async () => {
    for (const [args, env, words] of [
      [transfer, {}, "Nobody is there to sign"],
      [own, { CARBON_PASSWORD: "correct house" }, "The password is wrong"],
      [own, {}, "nobody to ask"],
      [[...own, "--account", OTHER], {}, "not of"],
      [[...transfer, "--sign-with", "none"], {}, "There is no key none"],
    ] as const) {
      const { code, err } = await carbon(args, env);
      expect([args, code, err]).toEqual([args, 3, expect.stringContaining(words)]);
    }
    expect(acts()).toEqual([]);
  });

  it("given that the answer was lost, it should name what makes the same intent again", async () => {
    answer = () => ({ hangUp: true });
    const lost = await carbon([...own, "--idempotency-key", "k"]);
    expect(lost.code).toBe(3);
    const [, nonce = "", deadline = ""] = /--nonce (\d+) --deadline (\d+) cannot do it twice/.exec(lost.err) ?? [];
    const first = acts()[0]?.body as { intent: object; signature: string };
    service.seen.splice(0);
    answer = () => ({ body: operation });
    expect((await carbon([...own, "--nonce", nonce, "--deadline", deadline])).code).toBe(0);
    expect(acts()[0]?.body).toEqual(first);
    answer = () => ({ hangUp: true });
    const managed = await carbon([...transfer, "--key", "cl_1", "--idempotency-key", "mine"]);
    expect(managed.err).toContain("--idempotency-key mine cannot do it twice");
    expect(
      new Set(
        acts()
          .slice(1)
          .map(({ headers }) => headers["idempotency-key"]),
      ),
    ).toEqual(new Set(["mine"]));
  });

  it("given a refusal, it should say why and what to do, and end with 1", async () => {
    answer = () => ({ status: 422, body: problem });
    const plain = await carbon(own);
    expect([plain.code, plain.out]).toEqual([
      1,
      "No: Only 3 t [2J are there. (units-insufficient-balance)\nName at most 3.\n",
    ]);
    expect(await carbon([...own, "--json"])).toMatchObject({ code: 1, json: { problem: { code: problem.code } } });
    answer = () => ({ body: { ...operation, status: "rejected", problem } });
    expect(await carbon([...own, "--json"])).toMatchObject({ code: 1, json: { problem: { code: problem.code } } });
  });

  it("given --no-wait, or something that takes too long, it should name the operation", async () => {
    answer = () => ({ body: { ...operation, status: "sent" } });
    expect(await carbon([...own, "--no-wait", "--json"])).toMatchObject({ code: 0, json: { status: "sent" } });
    const late = await carbon(["operations", "wait", operation.id]);
    expect(late).toMatchObject({ code: 3, err: expect.stringContaining("not-found") as string });
  });

  it.each([
    [["transfer", BATCH, "0", "--to", OTHER]],
    [["transfer", BATCH, "1.5", "--to", OTHER]],
    [["transfer", BATCH, "1,000", "--to", OTHER]],
    [["transfer", BATCH, "5", "--to", "0x12"]],
    [["transfer", "batch with spaces", "5", "--to", OTHER]],
    [["transfer", BATCH, "5", "--to", OTHER, "--serials", "5-1"]],
    [["transfer", BATCH, "5", "--to", OTHER, "--valid-for", "1 year"]],
    [["retire", BATCH, "5"]],
    [["retire", BATCH, "5", "--purpose", "fun"]],
    [["retire", BATCH, "5", "--purpose", "other", "--from", "2025-02-30"]],
    [["cancel", BATCH, "5", "--reason", "whim"]],
    [["orders", "buy", BATCH, "5"]],
    [["orders", "buy", BATCH, "5", "--price", "-1"]],
    [["participants", "show", "x"]],
    [["operations", "show", "x"]],
    [["history", "weather"]],
    [["--locale", "xx-invalid-locale-tag", "status"]],
    [["--time-zone", "Nowhere/At", "status"]],
  ])("given %j, it should say that it is not understood, and ask nobody", async (args) => {
    expect([(await carbon(args)).code, service.seen]).toEqual([2, []]);
  });

  it("given tonnes that are not the length of the serials, it should refuse them", async () => {
    const { code, err } = await carbon([...own, "--serials", "1-3"]);
    expect([code, err, service.seen]).toEqual([3, "These serials are 3 tonnes, not 5.\n", []]);
    expect((await carbon(["transfer", BATCH, "--to", OTHER, "--sign-with", "own"])).code).toBe(3);
    const nobody = ["retire", BATCH, "5", "--purpose", "other", "--sign-with", "own"];
    expect((await carbon(nobody)).err).toContain("For whom?");
    expect(service.seen).toEqual([]);
  });
});
