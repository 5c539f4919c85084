import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createReceiver, type OperationMessage } from "../../../examples/webhook-receiver.js";
import { sealKeystore } from "../../../src/chain/keystore.js";
import { startCarbon } from "../../support/carbon.js";
import { startTrading, type TradingStage } from "../../support/trading.js";

const MINUTE = 60_000;
const PASSWORD = "correct horse";
const POLL = { timeout: 20_000, interval: 50 };
const wallet = Wallet.createRandom();

let stage: TradingStage;
let person: ReturnType<typeof startCarbon>;
/** Milliseconds by which the markets are ahead. */
let ahead = 0;
let managed: Awaited<ReturnType<TradingStage["managedFirm"]>>;
let batch: string;
const keyOf = new Map<string, string>();

beforeAll(async () => {
  stage = await startTrading({
    clock: { now: () => Date.now() + ahead },
    webhooks: { networks: ["127.0.0.0/8"], timeoutMs: 2_000, pollMs: 20 },
  });
  person = startCarbon({ CARBON_URL: stage.url, CARBON_PASSWORD: PASSWORD });
  const { alice, ledger, officerKey } = stage;
  batch = stage.batch;
  const own = await stage.firm(wallet);
  managed = await stage.managedFirm();
  const keys = {
    ...{ own: own.key, managed: managed.key, operator: stage.operator },
    registrar: await officerKey("registrar", "registrar1"),
    officer1: await officerKey("compliance-officer", "compliance1"),
    officer2: await officerKey("compliance-officer", "compliance2"),
    guardian: await officerKey("guardian", "guardian"),
    enforcement: await officerKey("enforcement", "enforcement"),
  };
  for (const [name, { authorization }] of Object.entries(keys)) keyOf.set(name, authorization.replace("Bearer ", ""));
  await ledger.units.connect(alice.wallet).transfer(alice.wallet, own.account, stage.batchId, 1_000n, []);
  await ledger.units.connect(alice.wallet).transfer(alice.wallet, managed.account, stage.batchId, 1_000n, []);
  await ledger.fundCash(managed.account, 100_000_000n);
  await stage.synced();
  const file = join(person.home, "wallet.json");
  writeFileSync(file, await sealKeystore(wallet.privateKey, PASSWORD, 2));
  await person.carbon(["keys", "import", file, "--name", "own"]);
});
afterAll(async () => {
  person.close();
  await stage.close();
});

/** The answer of a command as JSON, with what else it said. */
async function carbon(who: string, ...args: string[]) {
  const done = await person.carbon(["--json", "--key", keyOf.get(who) ?? "", ...args]);
  return { ...done, told: `${done.code} ${done.err}` };
}

/** The same, for people. */
const plain = async (who: string, ...args: string[]) => person.carbon(["--key", keyOf.get(who) ?? "", ...args]);

const isFine = expect.stringMatching(/^0 /) as string;
const soon = (minutes: number): string => new Date(Date.now() + ahead + minutes * MINUTE).toISOString();

describe("auctions at the command line", () => {
  it("should be announced, bid for, repeated from the transcript, and settled", async () => {
    expect((await carbon("own", "transfer", batch, "500", "--to", "exchange", "--sign-with", "own")).told).toEqual(
      isFine,
    );
    expect((await carbon("managed", "cash", "transfer", "90000000", "--to", "exchange")).told).toEqual(isFine);
    const times = ["--opens", soon(1), "--closes", soon(10)];
    const words = ["auctions", "announce", batch, "200", "--reserve", "100000", ...times, "--sign-with", "own"];
    const plan = await plain("own", ...words, "--nonce", "7", "--dry-run");
    expect(plan.out).toMatch(/units +200 t of .*all or none/);
    expect((await carbon("own", "auctions", "list")).json.items).toEqual([]);
    const announced = await carbon("own", ...words, "--nonce", "7");
    expect([announced.told, announced.json.status]).toEqual([isFine, "announced"]);
    const { id, seedCommitment } = announced.json as { id: string; seedCommitment: string };
    expect(plan.out).toContain(id);
    // The very same again is the same auction.
    expect((await carbon("own", ...words, "--nonce", "7")).json.id).toBe(id);

    const bid = ["auctions", "bid", id, "150", "--price", "120000"];
    expect(await carbon("managed", ...bid)).toMatchObject({
      code: 1,
      json: { problem: { code: "auction-not-yet-open" } },
    });
    ahead += 2 * MINUTE;
    expect((await plain("managed", ...bid, "--dry-run")).out).toContain("18,000,000");
    const placed = await carbon("managed", ...bid);
    expect([placed.told, placed.json.status]).toEqual([isFine, "sealed"]);
    const second = await carbon("managed", "auctions", "bid", id, "100", "--price", "110000");
    const third = await carbon("managed", "auctions", "bid", id, "10", "--price", "130000");
    expect((await carbon("managed", "auctions", "withdraw-bid", id, third.json.id)).json.status).toBe("cancelled");
    expect((await carbon("managed", "auctions", "bids", id)).json.items).toHaveLength(3);
    expect(await carbon("managed", "auctions", "check", id)).toMatchObject({ code: 3 });

    ahead += 10 * MINUTE;
    expect((await carbon("operator", "auctions", "close", id)).json).toMatchObject({ clearingPrice: "110000" });
    const shown = await plain("managed", "auctions", "show", id);
    expect(shown.out).toMatch(/^cleared {2}200 t .*price of all +110,000/s);
    const checked = await carbon("managed", "auctions", "check", id, "--commitment", seedCommitment);
    expect([checked.told, checked.json]).toMatchObject([
      isFine,
      { faults: [], ownBids: expect.arrayContaining([placed.json.id, second.json.id]) as string[] },
    ]);
    expect((await plain("managed", "auctions", "check", id)).out).toMatch(/150 +yours/);
    const other = ["--commitment", placed.json.id as string, "--bid", id];
    expect(await carbon("managed", "auctions", "check", id, ...other)).toMatchObject({
      code: 1,
      json: { faults: ["seed-not-committed", "bid-missing"] },
    });
    await expect.poll(async () => (await carbon("managed", "trades")).json.items[0]?.status, POLL).toBe("settled");
  });

  it("should be called off before it opens", async () => {
    const words = ["announce", batch, "10", "--reserve", "100000", "--opens", soon(5), "--closes", soon(9)];
    const { json } = await carbon("own", "auctions", ...words, "--sign-with", "own");
    expect((await plain("own", "auctions", "call-off", json.id, "--dry-run")).out).toContain("announced");
    expect((await carbon("own", "auctions", "call-off", json.id)).json.status).toBe("cancelled");
    expect((await carbon("own", "auctions", "list", "--status", "cancelled")).json.items).toMatchObject([
      { id: json.id },
    ]);
  });
});

describe("the market's operator at the command line", () => {
  it("should halt a market, define it anew and let it go on, and everybody can read why", async () => {
    expect((await carbon("guardian", "instruments", "halt", batch, "--reason", "News")).json.market.state).toBe(
      "halted",
    );
    expect(await carbon("guardian", "instruments", "halt", batch, "--reason", "Again")).toMatchObject({ code: 1 });
    const terms = ["--tick", "500", "--band", "700", "--reference", "120000", "--calendar", "always-open"];
    const defined = await carbon("operator", "instruments", "define", batch, ...terms);
    expect(defined.json.market).toMatchObject({ tick: "500", bandBasisPoints: 700, state: "halted" });
    expect((await carbon("guardian", "instruments", "resume", batch, "--reason", "All known")).json.isOpen).toBe(true);
    const { json } = await carbon("own", "instruments", "decisions", batch);
    expect(json.items.map(({ kind }: { kind: string }) => kind)).toEqual([
      "resume",
      "definition",
      "halt",
      "definition",
    ]);
    expect((await plain("own", "instruments", "decisions", batch)).out).toContain("All known");
    const listing = await carbon("registrar", "instruments", "create", batch, "--kind", "credit");
    expect(listing.json.problem.code).toBe("exchange-instrument-listed");
  });
});

describe("institutions at the command line", () => {
  it("should freeze units, let them go, and move them without their holder", async () => {
    const units = [managed.account, batch];
    const plan = await plain("officer1", "freeze", ...units, "995", "--dry-run");
    expect(plan.out).toMatch(/held now +1,000 t/);
    expect((await carbon("officer1", "freeze", ...units, "995")).told).toEqual(isFine);
    const transfer = ["transfer", batch, "6", "--to", wallet.address];
    expect(await carbon("managed", ...transfer)).toMatchObject({ code: 1 });
    expect((await carbon("officer1", "unfreeze", ...units)).told).toEqual(isFine);
    expect((await carbon("managed", ...transfer)).told).toEqual(isFine);

    const force = ["forced-transfer", ...units, "4", "--to", wallet.address];
    expect((await plain("enforcement", ...force, "--dry-run")).out).toContain("Move units without their holder");
    // The role has no delay here, so there is nothing to schedule.
    expect(await carbon("enforcement", ...force, "--schedule")).toMatchObject({ code: 1 });
    const done = await carbon("enforcement", ...force);
    expect(done.told).toEqual(isFine);
    expect(await carbon("guardian", "scheduled", "cancel", `0x${"1".repeat(64)}`)).toMatchObject({ code: 1 });
    // With the block of the act, what is read knows the act.
    const block = String(done.json.blockNumber);
    const read = await carbon("officer1", "--min-block", block, "holdings", "--account", managed.account);
    expect(read.json.items).toMatchObject([{ tonnes: "990" }]);
  });

  it("should stop everything, or one batch, and let it move again", async () => {
    const transfer = ["transfer", batch, "1", "--to", wallet.address];
    expect((await carbon("guardian", "pause", "--reason", "Drill")).told).toEqual(isFine);
    expect((await carbon("managed", ...transfer)).json.problem.code).toBe("units-paused");
    expect((await carbon("officer1", "unpause")).told).toEqual(isFine);
    expect((await carbon("guardian", "pause", "--batch", batch)).told).toEqual(isFine);
    expect((await carbon("managed", ...transfer)).json.problem.code).toBe("units-batch-paused");
    expect((await carbon("officer1", "unpause", "--batch", batch)).told).toEqual(isFine);
    expect((await carbon("managed", ...transfer)).told).toEqual(isFine);
    expect((await carbon("guardian", "pause", "--cash")).told).toEqual(isFine);
    expect((await carbon("managed", "cash", "transfer", "1", "--to", wallet.address)).code).toBe(1);
    expect((await carbon("officer1", "unpause", "--cash")).told).toEqual(isFine);
    expect((await carbon("managed", "cash", "transfer", "1", "--to", wallet.address)).told).toEqual(isFine);
    expect((await carbon("guardian", "pause", "--cash", "--batch", batch)).code).toBe(3);
  });

  it("should record and revoke what the host country authorised", async () => {
    const words = [
      "batches",
      "authorise",
      batch,
      "--for",
      "NDC,IMP",
      "--first-transfer",
      "issuance",
      "--name",
      "Letter 7",
    ];
    expect((await plain("registrar", ...words, "--dry-run")).out).toMatch(/for +NDC, IMP/);
    expect((await carbon("registrar", ...words)).told).toEqual(isFine);
    expect((await plain("own", "batches", "show", batch)).out).toContain("NDC, IMP, first transfer: issuance");
    expect((await carbon("officer1", "batches", "revoke-authorisation", batch, "--reason", "Error")).told).toEqual(
      isFine,
    );
    expect((await carbon("own", "batches", "show", batch)).json.authorisationRevoked).toBe(true);
    expect((await carbon("registrar", "batches", "authorise", batch, "--for", "X")).code).toBe(2);
  });

  it("should carry what a lost account had to its successor, with two officers", async () => {
    const [lost, successor] = [wallet.address, Wallet.createRandom().address];
    const words = [lost, "--with", successor];
    const proposed = await plain("officer1", "accounts", "replace", ...words);
    expect(proposed.out).toContain(`carbon accounts approve-replacement ${lost} --with ${successor}`);
    expect((await carbon("own", "accounts", "show", "own")).json).toMatchObject({ proposedSuccessor: successor });
    expect(await carbon("officer1", "accounts", "approve-replacement", ...words)).toMatchObject({ code: 1 });
    expect((await carbon("officer1", "accounts", "withdraw-replacement", lost)).told).toEqual(isFine);
    await carbon("officer1", "accounts", "replace", ...words);
    expect((await carbon("officer2", "accounts", "approve-replacement", ...words)).told).toEqual(isFine);
    expect((await carbon("officer1", "accounts", "recover", lost, "--batch", batch)).told).toEqual(isFine);
    expect((await carbon("officer1", "accounts", "recover-position", lost, "--batch", batch)).told).toEqual(isFine);
    expect((await carbon("officer1", "accounts", "recover-cash", lost)).told).toEqual(isFine);
    expect(await carbon("officer1", "accounts", "recover-position", lost)).toMatchObject({ code: 3 });

    const period = ["--from", "2020-01-01", "--until", "2099-12-31"];
    const statement = await carbon("own", "accounts", "statement", lost, ...period, "--limit", "2", "--all");
    expect(statement.json.batches).toMatchObject([{ batch, opening: "0", closing: "0" }]);
    expect(statement.json.items.length).toBeGreaterThan(3);
    const page = await plain("own", "accounts", "statement", lost, ...period, "--limit", "2");
    expect(page.out).toMatch(/before +in +out +after/);
    expect(page.err).toContain("--after");
    expect((await plain("own", "accounts", "show", lost)).out).toMatch(/status +replaced/);
  });
});

describe("webhooks at the command line", () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  it("should be made, tried, told, given up, and told again what they missed", async () => {
    let answer: number | undefined;
    const got: OperationMessage[] = [];
    let receive: ReturnType<typeof createReceiver> | undefined = undefined;
    const server = createServer((request, response) => {
      if (answer === undefined) receive?.(request, response);
      else response.writeHead(answer).end();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;

    const words = ["webhooks", "create", url, "--events", "final", "--label", "Kế toán"];
    expect((await carbon("managed", ...words, "--dry-run")).json.request).toMatchObject({ types: ["operation.final"] });
    const made = await carbon("managed", ...words);
    const { id, secret } = made.json as { id: string; secret: string };
    receive = createReceiver({ secret, onMessage: (message) => got.push(message) });
    expect((await plain("managed", "webhooks", "test", id)).out).toMatch(/^taken .*204/);
    expect((await carbon("managed", "webhooks", "deliveries", id)).json.items).toEqual([]);

    const transfer = ["transfer", batch, "1", "--to", stage.bob.account];
    const done = await carbon("managed", ...transfer);
    await expect.poll(() => got.map(({ data }) => data.operation.id), POLL).toEqual([done.json.id]);

    // A receiver that wants no more is given up at once, and what waits for it with it.
    answer = 410;
    expect((await plain("managed", "webhooks", "test", id)).out).toMatch(/not taken .*410/);
    expect((await carbon("managed", "webhooks", "show", id)).json.status).toBe("active");
    await carbon("managed", ...transfer);
    const status = async (): Promise<string> => (await carbon("managed", "webhooks", "show", id)).json.status;
    await expect.poll(status, POLL).toBe("disabled");
    expect((await plain("managed", "webhooks", "show", id)).out).toContain("410");
    const again = ["webhooks", "redeliver", id, "--dead-since", "2020-01-01"];
    expect((await carbon("managed", ...again)).json.problem.code).toBe("webhook-disabled");
    answer = undefined;
    expect((await carbon("managed", "webhooks", "test", id)).json).toMatchObject({ isTaken: true, answer: 204 });
    expect((await carbon("managed", "webhooks", "enable", id)).json.status).toBe("active");
    expect((await carbon("managed", "webhooks", "redeliver", id, "--dead-since", "2099-01-01")).json.redelivered).toBe(
      0,
    );
    expect((await carbon("managed", ...again)).json).toEqual({ redelivered: 1 });
    await expect.poll(() => got.length, POLL).toBe(2);
    const { json } = await carbon("managed", "webhooks", "deliveries", id, "--status", "delivered");
    expect(json.items).toHaveLength(2);
    // The receiver knows it already, and acts once.
    expect((await carbon("managed", "webhooks", "redeliver", id, String(json.items[0].sequence))).told).toEqual(isFine);

    expect((await carbon("managed", "webhooks", "rotate", id)).json.secret).not.toBe(secret);
    expect((await plain("managed", "webhooks", "list")).out).toContain("Kế toán");
    expect((await carbon("managed", "webhooks", "delete", id)).json).toEqual({ deleted: id });
    expect(await carbon("managed", "webhooks", "show", id)).toMatchObject({ code: 3 });
    expect(await carbon("managed", "webhooks", "redeliver", id)).toMatchObject({ code: 3 });
    expect((await carbon("managed", "webhooks", "show", "wh_x")).code).toBe(2);
    expect(got).toHaveLength(2);
  });
});
