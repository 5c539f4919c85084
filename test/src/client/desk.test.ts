import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createReceiver, type OperationMessage } from "../../../examples/webhook-receiver.js";
import { createClient, isProblem, type Client, type Import } from "../../../src/client/index.js";
import { verraFile } from "../../support/export-files.js";
import { startImportDesk, type ImportDesk } from "../../support/imports.js";

const POLL = { timeout: 20_000, interval: 50 };

let desk: ImportDesk;
let registrar: Client;
let owner: Client;
let server: Server;
let url: string;
/** What the receiver answers with; undefined: as it should. */
let answer: number | undefined;
let receive: ReturnType<typeof createReceiver> | undefined;

beforeAll(async () => {
  desk = await startImportDesk({ webhooks: { networks: ["127.0.0.0/8"], timeoutMs: 2_000, pollMs: 20 } });
  registrar = clientOf(desk.officers.registrar);
  owner = clientOf(desk.owner.key);
  server = createServer((request, response) => {
    if (answer === undefined && receive !== undefined) receive(request, response);
    else response.writeHead(answer ?? 500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
}, 120_000);
afterAll(async () => {
  server.close();
  await desk.close();
});

function clientOf({ authorization }: { readonly authorization: string }): Client {
  return createClient({ baseUrl: desk.url, apiKey: authorization.replace("Bearer ", "") });
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function followed(id: string): Promise<Import> {
  return (await all(registrar.imports.follow(id))).at(-1)!;
}

describe("imports through the client", () => {
  const file = new Blob([
    verraFile([
      { start: 1_001, tonnes: 725 },
      { start: 2_001, tonnes: 1_500, retired: "2022-05-06", beneficiary: "Invented Airways", reason: "Benefit" },
    ]),
  ]);
  const terms = () => ({ registry: "verra" as const, owner: desk.owner.id });

  it("should check, wait for those who must consent, follow it to its end, and be the same when repeated", async () => {
    const dry = await registrar.imports.create(file, { ...terms(), dryRun: true });
    expect(await followed(dry.id)).toMatchObject({ status: "checked", rows: "2", dryRun: true });

    const made = await registrar.imports.create(file, terms(), "transactions.csv");
    const waiting = await followed(made.id);
    expect(waiting).toMatchObject({ status: "waiting", consents: { missing: ["registrar", "verifier", "owner"] } });
    const { second, verifier } = desk.officers;
    for (const client of [clientOf(second), clientOf(verifier), owner]) await client.imports.consent(made.id);
    const end = await followed(made.id);
    expect(end).toMatchObject({ status: "final", refusedRows: "0", problem: null });

    const rows = await all(registrar.imports.allRows(made.id, { limit: 1 }));
    expect(rows.map(({ status, ends }) => [status, ends])).toEqual([
      ["final", null],
      ["final", "retired"],
    ]);
    const { items } = await registrar.imports.totals(made.id, "project");
    expect(items).toMatchObject([{ fileTonnes: "2225", issuedTonnes: "2225", retiredTonnes: "1500" }]);
    const report = await registrar.imports.report(made.id);
    expect((await new Response(report.body).text()).trimEnd().split("\r\n")).toHaveLength(3);
    expect(await registrar.imports.create(file, terms())).toMatchObject({ id: made.id, status: "final" });
    expect((await registrar.imports.list({ status: "final" })).items.map(({ id }) => id)).toEqual([made.id]);
    const held = await owner.holdings.list({ participantId: desk.owner.id });
    expect(held.items.map(({ tonnes }) => tonnes)).toEqual(["725"]);
  });

  it("should tell what cannot be taken, row by row, and refuse what is no upload at all", async () => {
    const overlapping = new Blob([
      verraFile([
        { start: 90_001, tonnes: 10 },
        { start: 90_005, tonnes: 10 },
      ]),
    ]);
    const refused = await followed((await registrar.imports.create(overlapping, terms())).id);
    expect(refused.status).toBe("refused");
    const rows = await all(registrar.imports.allRows(refused.id, { refused: true }));
    expect([refused.problem?.code, rows.map(({ refusal }) => refusal?.code)]).toEqual(["import-refused", ["overlap"]]);
    const failure: unknown = await owner.imports.create(file, terms()).catch((error: unknown) => error);
    expect(isProblem(failure, "forbidden")).toBe(true);
  });
});

describe("webhooks through the client", () => {
  it("should be made, tried, told, and made good when the receiver was away", async () => {
    const got: OperationMessage[] = [];
    const made = await owner.webhooks.create({ url, types: ["operation.final"], kinds: ["transfer"], label: "ERP" });
    receive = createReceiver({ secret: made.secret, onMessage: (message) => got.push(message) });
    const { id } = made;
    expect(await owner.webhooks.test(id)).toMatchObject({ isTaken: true, answer: 204, error: null });

    const other = await desk.firm();
    const [holding] = (await owner.holdings.list()).items;
    const give = async () => {
      const act = { to: other.account, batch: holding!.batch, tonnes: 1n };
      return owner.operations.settle(await owner.transfers.create(act));
    };
    const first = await give();
    await expect.poll(() => got.map(({ data }) => data.operation.id), POLL).toEqual([first.id]);
    const [delivery] = (await owner.webhooks.deliveries(id)).items;
    expect(JSON.parse(delivery!.body)).toMatchObject({
      type: "operation.final",
      data: { operation: { id: first.id } },
    });

    answer = 410;
    await give();
    await expect.poll(async () => (await owner.webhooks.get(id)).status, POLL).toBe("disabled");
    expect(await owner.webhooks.test(id)).toMatchObject({ isTaken: false, answer: 410 });
    const since = "2020-01-01T00:00:00Z";
    const early: unknown = await owner.webhooks.redeliverDead(id, since).catch((error: unknown) => error);
    expect(isProblem(early, "webhook-disabled")).toBe(true);
    answer = undefined;
    expect(await owner.webhooks.enable(id)).toMatchObject({ status: "active", reason: null });
    expect(await owner.webhooks.redeliverDead(id, since)).toEqual({ redelivered: 1 });
    await expect.poll(() => got.length, POLL).toBe(2);
    const told = await all(owner.webhooks.allDeliveries(id, { status: "delivered", limit: 1 }));
    expect(told).toHaveLength(2);
    expect(await owner.webhooks.redeliver(id, told[0]!.sequence)).toMatchObject({ status: "pending" });

    const { secret, previousUntil } = await owner.webhooks.rotate(id);
    expect([secret === made.secret, Date.parse(previousUntil) > Date.now()]).toEqual([false, true]);
    await owner.webhooks.remove(id);
    expect((await owner.webhooks.list()).items).toEqual([]);
  });
});
