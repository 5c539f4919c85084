import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { dealOf, signDeal } from "../../../src/chain/orders.js";
import { sealKeystore } from "../../../src/chain/keystore.js";
import { startCarbon, type CarbonOptions } from "../../support/carbon.js";
import { startTrading, START_CASH, type TradingStage } from "../../support/trading.js";

const PASSWORD = "correct horse";
const wallet = Wallet.createRandom();

let stage: TradingStage;
let person: ReturnType<typeof startCarbon>;
/** Of the first serial that the firm has. */
let first: bigint;
/** A firm with its own key, "own", and a keystore for it. */
let own: Awaited<ReturnType<TradingStage["firm"]>>;
let managed: Awaited<ReturnType<TradingStage["managedFirm"]>>;
let batch: string;

beforeAll(async () => {
  stage = await startTrading();
  batch = stage.batch;
  own = await stage.firm(wallet);
  managed = await stage.managedFirm();
  const { alice, ledger } = stage;
  await ledger.units.connect(alice.wallet).transfer(alice.wallet, own.account, stage.batchId, 1_000n, []);
  await ledger.fundCash(own.account, START_CASH);
  await stage.synced();

  person = startCarbon({ CARBON_PASSWORD: PASSWORD });
  const file = join(person.home, "wallet.json");
  writeFileSync(file, await sealKeystore(wallet.privateKey, PASSWORD, 2));
  await person.carbon(["keys", "import", file, "--name", "own"]);
  const settings = (key: { readonly authorization: string }) => ["--service", stage.url, "--api-key", bearer(key)];
  await person.carbon(["profiles", "add", "own", ...settings(own.key), "--sign-with", "own"]);
  await person.carbon(["profiles", "add", "managed", ...settings(managed.key)]);
});
afterAll(async () => {
  person.close();
  await stage.close();
});

const bearer = ({ authorization }: { readonly authorization: string }): string => authorization.replace("Bearer ", "");

async function carbon(...args: string[]) {
  return run(args);
}

async function run(args: readonly string[], options: CarbonOptions = {}) {
  const done = await person.carbon(["--json", ...args], options);
  return { ...done, told: `${done.code} ${done.err}` };
}

describe("a firm at its command line", () => {
  it("should see what it has, serial by serial, and what it may", async () => {
    const { json } = await carbon("holdings", "--account", "own", "--blocks");
    first = BigInt(json.items[0].blocks[0].start);
    const blocks = [{ start: String(first), end: String(first + 999n) }];
    expect(json.items).toMatchObject([{ account: own.account, batch, tonnes: "1000", blocks }]);
    const plain = await person.carbon(["holdings", "--blocks"]);
    expect(plain.out).toContain(`1,000          ${first}-${first + 999n}`);
    expect((await carbon("status")).json).toMatchObject({ ready: true, url: stage.url });
  });

  it("should transfer exactly the serials that it names, once, however often the command is given", async () => {
    const [from, to, one] = [String(first + 100n), String(first + 149n), String(first + 199n)];
    const words = ["transfer", batch, "--serials", `${from}-${to},${one}`, "--to", managed.account];
    const terms = ["--nonce", "77", "--deadline", String(Math.floor(Date.now() / 1000) + 3_000)];
    const plan = await carbon(...words, ...terms, "--dry-run");
    const done = await carbon(...words, ...terms);
    expect(done.json).toMatchObject({ status: "final", id: plan.json.hash });
    expect(await carbon(...words, ...terms)).toMatchObject({ code: 0, json: { id: done.json.id } });
    expect((await carbon("batches", "serial", batch, one)).json).toMatchObject({ account: managed.account });
    expect((await carbon("operations", "wait", done.json.id)).json).toMatchObject({ status: "final" });
    const story = await carbon("operations", "story", done.json.id);
    expect(story.json.steps).toMatchObject([
      { step: "accepted" },
      { step: "sent" },
      { step: "mined" },
      { step: "final" },
    ]);
    expect((await person.carbon(["operations", "story", done.json.id])).out).toMatch(/ mined +[\d,]+ +0x/);
    expect((await carbon("history", "transfers", "--filter", `account=${managed.account}`)).json.items).toMatchObject([
      {
        tonnes: "51",
        serialBlocks: [
          { start: from, end: to },
          { start: one, end: one },
        ],
      },
    ]);
  });

  it("should retire and cancel, also by the key that the service keeps", async () => {
    const words = ["retire", batch, "20", "--purpose", "voluntary", "--beneficiary", "Nhà máy", "--country", "VN"];
    const retired = await carbon("--profile", "managed", ...words);
    expect([retired.told, retired.json?.status]).toEqual([expect.stringMatching(/^0 /), "final"]);
    const record = await carbon("history", "retirements");
    expect(record.json.items).toMatchObject([{ tonnes: "20", beneficiary: "Nhà máy", consumptionCountry: "VN" }]);
    expect((await carbon("cancel", batch, "5", "--reason", "error")).json).toMatchObject({ status: "final" });
    const sums = await person.carbon(["history", "retirements", "--totals", "purpose"]);
    expect(sums.out).toMatch(/voluntary +1 +20/);
    const life = await person.carbon(["history", "serial", batch, record.json.items[0].serialBlocks[0].start]);
    expect(life.out).toContain("for Nhà máy");
  });

  it("should sign with the profile's key in the profile's name alone", async () => {
    const words = ["transfer", batch, "1", "--to", managed.account, "--dry-run"];
    expect((await carbon(...words)).json.intent).toMatchObject({ account: own.account });
    expect((await carbon(...words, "--key", bearer(managed.key))).json.intent).toBeUndefined();
    expect((await carbon(...words, "--key", bearer(own.key), "--sign-with", "own")).json.intent).toBeDefined();
  });

  it("should be told why not, and end with 1", async () => {
    const many = await carbon("transfer", batch, "999999", "--to", managed.account);
    expect(many).toMatchObject({ code: 1, json: { problem: { code: "units-insufficient-balance" } } });
    const stranger = await carbon("transfer", batch, "1", "--to", Wallet.createRandom().address);
    expect(stranger).toMatchObject({ code: 1 });
    expect(await carbon("holdings", "--key", "cl_nobody_0")).toMatchObject({ code: 3 });
  });

  it("should bring units and money into trading, and out again", async () => {
    expect((await carbon("transfer", batch, "300", "--to", "exchange")).json).toMatchObject({ status: "final" });
    expect((await carbon("cash", "transfer", "100000000", "--to", "exchange")).json).toMatchObject({ status: "final" });
    expect((await carbon("withdraw", batch, "50")).json).toMatchObject({ status: "final" });
    const { json } = await carbon("positions");
    expect(json.items).toContainEqual(expect.objectContaining({ batch: null, amount: "100000000" }));
    const statement = await person.carbon([
      "cash",
      "statement",
      "own",
      "--from",
      "2020-01-01",
      "--until",
      "2099-12-31",
    ]);
    expect(statement.out).toContain("-100,000,000");
    const payee = ["--bank", "BIDV", "--number", "0123", "--holder", "Firm"];
    expect((await carbon("cash", "redeem", "1000", ...payee)).json).toMatchObject({ status: "final" });
    expect((await carbon("cash", "redemptions")).json.items).toMatchObject([{ amount: "1000", status: "requested" }]);
  });
});

describe("a firm at the market", () => {
  it("should watch the book and its own fills while it buys and sells", async () => {
    const gone = new AbortController();
    const lines: string[] = [];
    const watching = person.carbon(["watch", batch], { signal: gone.signal }).then(({ out, code }) => {
      lines.push(out, String(code));
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await stage.place(stage.alice)).status).toBe(201);
    const plan = await carbon("orders", "buy", batch, "10", "--price", "137000", "--dry-run");
    expect(plan.json.order).toMatchObject({ account: own.account, tonnes: "10", limitPrice: "137000" });
    const filled = await carbon("orders", "buy", batch, "10", "--price", "137000");
    expect([filled.told, filled.json]).toEqual([
      expect.stringMatching(/^0 /),
      expect.objectContaining({ status: "filled" }),
    ]);
    const open = await carbon("orders", "sell", batch, "7", "--price", "150000", "--post-only");
    expect(open.json).toMatchObject({ status: "open", openTonnes: "7" });
    expect((await person.carbon(["book", batch])).out).toContain("150,000");
    expect((await carbon("orders", "list", "--status", "open")).json.items).toMatchObject([{ id: open.json.id }]);
    expect((await carbon("orders", "cancel", open.json.id)).json).toMatchObject({ status: "cancelled" });
    expect(await carbon("orders", "buy", batch, "1", "--price", "1")).toMatchObject({ code: 1 });
    await expect.poll(async () => (await carbon("trades")).json.items[0]?.status, { timeout: 15_000 }).toBe("settled");
    gone.abort();
    await watching;
    expect(lines[0]).toContain("trade  10 t at 136,000 (book)");
    expect(lines[0]).toContain(`own fill  buy 10 t of ${batch} at 136,000`);
    expect(lines[1]).toBe("0");
  });

  it("should report a deal and take it back, and confirm one that the other side reported", async () => {
    const { alice } = stage;
    const words = ["report", "buy", batch, "4", "--price", "135000", "--with", alice.account];
    const reported = await carbon("deals", ...words);
    expect(reported.json).toMatchObject({ status: "reported", deal: { buyer: own.account, seller: alice.account } });
    const { id } = reported.json as { id: string };
    expect((await carbon("deals", "cancel", id)).json).toMatchObject({ status: "cancelled" });
    expect((await carbon("deals", "list")).json.items).toMatchObject([{ id, status: "cancelled" }]);

    const deal = { ...reported.json.deal, nonce: "5" };
    const signature = await signDeal(alice.wallet, dealOf(deal), stage.exchangeDomain);
    const theirs = await stage.post("/v1/deals", { deal, signature, reportedBy: "seller" });
    expect(theirs.status).toBe(201);
    const plan = await person.carbon(["deals", "confirm", theirs.body.id, "--dry-run"]);
    expect(plan.out).toMatch(/you are +the buyer/);
    expect(plan.out).toContain("540,000");
    const confirmed = await carbon("deals", "confirm", theirs.body.id);
    expect([confirmed.told, confirmed.json?.status]).toEqual([expect.stringMatching(/^0 /), "confirmed"]);
    const status = async (): Promise<string> => (await carbon("deals", "show", theirs.body.id)).json.status;
    await expect.poll(status, { timeout: 15_000 }).toBe("settled");
  });
});
