import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { createReceiver, type OperationMessage } from "../../../examples/webhook-receiver.js";
import { startTestService, type SelfCustodyFirm, type TestFirm, type TestService } from "../../support/service.js";

const BATCH = "HOOKS-2024";
const HOUR = 3_600_000;

let stage: TestService;
let firm: TestFirm;
let other: SelfCustodyFirm;
/** Milliseconds by which the service's clock is ahead, for webhooks. */
let ahead = 0;
const servers: Server[] = [];

beforeAll(async () => {
  stage = await startTestService({
    webhooks: { networks: ["127.0.0.0/8"], timeoutMs: 2_000, pollMs: 20, now: () => Date.now() + ahead },
  });
  firm = await stage.managedFirm();
  other = await stage.firm();
  await stage.ledger.issueBatch({ code: BATCH, recipient: firm.account, tonnes: 10_000 });
  await stage.synced();
});
afterEach(async () => {
  const { body } = await stage.get("/v1/webhooks", firm.key);
  for (const { id } of body.items) await stage.send(`/v1/webhooks/${id}`, { method: "DELETE", headers: firm.key });
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  ahead = 0;
});
afterAll(() => stage.close());

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(listener: Listener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`;
}

interface Message {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A receiver that answers as it is told, and keeps what it got. */
async function mailbox(answer: (count: number) => number) {
  const messages: Message[] = [];
  const url = await listen((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      messages.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(answer(messages.length)).end();
    });
  });
  return { url, messages };
}

async function hook(url: string, rest: object = { types: ["operation.final"] }) {
  const answer = await stage.post("/v1/webhooks", { url, ...rest }, firm.key);
  expect(answer.status).toBe(201);
  return answer.body as { id: string; secret: string };
}

async function transfer(): Promise<string> {
  const body = { to: other.account, batch: BATCH, tonnes: "1" };
  return (await stage.post("/v1/transfers", body, { ...firm.key, prefer: "wait=20" })).body.id as string;
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const deadline = Date.now() + 15_000; Date.now() < deadline;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("It did not come to pass");
}

// Tests look into them as they like.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Delivery = any;
const deliveries = async (id: string): Promise<Delivery[]> =>
  (await stage.get(`/v1/webhooks/${id}/deliveries`, firm.key)).body.items;
const delivery = (id: string, isMeant: (it: Delivery) => boolean): Promise<Delivery> =>
  until(async () => (await deliveries(id)).find(isMeant));

describe("a webhook and the receiver of the examples", () => {
  async function receiver() {
    const got: OperationMessage[] = [];
    let handle: Listener = () => undefined;
    const url = await listen((request, response) => handle(request, response));
    const made = await hook(url, {});
    handle = createReceiver({ secret: made.secret, onMessage: (message) => got.push(message) });
    return { got, url, ...made };
  }

  it("should tell the life of an operation, signed so that the receiver believes it", async () => {
    const { got, id } = await receiver();
    const operation = await transfer();
    await until(() => (got.length === 3 ? got : undefined));
    expect(got.map(({ type }) => type).toSorted()).toEqual(["operation.accepted", "operation.final", "operation.sent"]);
    const final = got.find(({ type }) => type === "operation.final")!;
    expect(final.data.operation).toEqual((await stage.get(`/v1/operations/${operation}`)).body);
    expect(
      await delivery(id, ({ type, status }) => type === "operation.final" && status === "delivered"),
    ).toMatchObject({
      attempts: 1,
      answer: 204,
      error: null,
      nextAttemptAt: null,
    });
  });

  it("should be refused by the receiver when unsigned, altered or late, and acted on once when repeated", async () => {
    const box = await mailbox(() => 204);
    const { secret } = await hook(box.url);
    await transfer();
    const { headers, body } = await until(() => box.messages[0]);
    const got: OperationMessage[] = [];
    const app = createReceiver({ secret, onMessage: (message) => got.push(message) });
    const url = await listen(app);
    const names = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const;
    const signed = Object.fromEntries(names.map((name) => [name, headers[name]!]));
    const send = async (change: Record<string, string>, sent = body): Promise<number> =>
      (
        await fetch(url, {
          method: "POST",
          body: sent,
          headers: { "content-type": "application/json", ...signed, ...change },
        })
      ).status;

    for (const name of names) expect(await send({ [name]: "" })).toBe(401);
    expect(await send({}, body.replace('"final"', '"rejected"'))).toBe(401);
    expect(await send({ "webhook-id": "wh_0_1" })).toBe(401);
    expect(await send({ "webhook-timestamp": String(Number(signed["webhook-timestamp"]) + 1) })).toBe(401);
    expect(await send({ "webhook-signature": `v1,${"A".repeat(43)}=` })).toBe(401);
    expect(await send({ "content-type": "text/plain" })).toBe(401);
    expect(got).toHaveLength(0);
    expect([await send({}), await send({})]).toEqual([204, 204]);
    expect(got).toHaveLength(1);

    // Genuine, but from ten minutes ago: somebody kept it.
    ahead = -600_000;
    await transfer();
    const late = await until(() => box.messages[1]);
    for (const name of names) signed[name] = late.headers[name]!;
    expect(await send({}, late.body)).toBe(401);
    expect(got).toHaveLength(1);
  });

  it("given a new secret, it should carry both signatures for a day, and then the new one", async () => {
    const box = await mailbox(() => 204);
    const { id, secret } = await hook(box.url);
    const rotated = await stage.post(`/v1/webhooks/${id}/rotate`, undefined, firm.key);
    expect(rotated.body.secret).not.toBe(secret);
    await transfer();
    const { headers } = await until(() => box.messages[0]);
    expect(headers["webhook-signature"]!.split(" ")).toHaveLength(2);
    ahead = 25 * HOUR;
    await transfer();
    expect((await until(() => box.messages[1])).headers["webhook-signature"]!.split(" ")).toHaveLength(1);
  });
});

describe("a receiver that does not take a message", () => {
  it("should be tried again on the schedule, with the same name and bytes, until it takes it", async () => {
    const box = await mailbox((count) => (count < 3 ? 500 : 200));
    const { id } = await hook(box.url);
    await transfer();
    const first = await delivery(id, ({ attempts, error }) => attempts === 1 && error !== null);
    expect(first).toMatchObject({ status: "pending", answer: 500, error: "answered 500" });
    const pause = Date.parse(first.nextAttemptAt) - Date.parse(first.attemptedAt);
    expect(pause).toBeGreaterThan(3_900);
    expect(pause).toBeLessThan(6_700);
    expect((await stage.get(`/v1/webhooks/${id}`, firm.key)).body.failingSince).not.toBeNull();

    ahead = 10_000;
    await delivery(id, ({ attempts, error }) => attempts === 2 && error !== null);
    ahead = HOUR;
    await delivery(id, ({ status }) => status === "delivered");
    expect(new Set(box.messages.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(new Set(box.messages.map(({ body }) => body)).size).toBe(1);
    expect((await stage.get(`/v1/webhooks/${id}`, firm.key)).body.failingSince).toBeNull();
  });

  it("given 500 for days, it should be given up: dead letters, which can be sent again once it is enabled", async () => {
    let isWell = false;
    const box = await mailbox(() => (isWell ? 200 : 500));
    const { id } = await hook(box.url);
    await transfer();
    const [letter] = await until(async () => ((await deliveries(id)).length > 0 ? await deliveries(id) : undefined));
    for (let tries = 1; tries < 10; tries += 1) {
      await delivery(id, ({ attempts, error }) => attempts === tries && error !== null);
      ahead += 30 * HOUR * (tries === 1 ? 0.01 : tries > 5 ? 1 : 0.2);
    }
    const dead = await delivery(id, ({ status }) => status === "dead");
    expect(dead.sequence).toBe(letter.sequence);
    const disabled = await until(async () => {
      const { body } = await stage.get(`/v1/webhooks/${id}`, firm.key);
      return body.status === "disabled" ? body : undefined;
    });
    expect(disabled.reason).toMatch(/taken nothing since/);

    const path = `/v1/webhooks/${id}/deliveries/${dead.sequence}/redeliver`;
    const early = await stage.post(path, undefined, firm.key);
    expect([early.status, early.body.code]).toEqual([409, "webhook-disabled"]);
    isWell = true;
    expect((await stage.post(`/v1/webhooks/${id}/enable`, undefined, firm.key)).body.status).toBe("active");
    expect((await stage.post(path, undefined, firm.key)).status).toBe(200);
    await delivery(id, ({ status }) => status === "delivered");
  });

  it("given 500 for one day, it should still be told all, in the end", async () => {
    let isWell = false;
    const box = await mailbox(() => (isWell ? 200 : 500));
    const { id } = await hook(box.url);
    await transfer();
    await transfer();
    await until(() => (box.messages.length >= 2 ? true : undefined));
    for (let hours = 1; hours <= 24; hours += 6) {
      ahead = hours * HOUR;
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    expect((await stage.get(`/v1/webhooks/${id}`, firm.key)).body.status).toBe("active");
    isWell = true;
    ahead = 48 * HOUR;
    await until(async () => ((await deliveries(id)).every((it) => it.status === "delivered") ? true : undefined));
  });

  it("given one that hangs, it should be cut off, and hold up no other", async () => {
    const hanging = await hook(await listen(() => undefined));
    const dribbling = await hook(
      await listen((_request, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write("x"), 50);
        response.on("close", () => clearInterval(timer));
      }),
    );
    const box = await mailbox(() => 204);
    const { id } = await hook(box.url);
    await transfer();
    await delivery(id, ({ status }) => status === "delivered");
    for (const slow of [hanging, dribbling]) {
      expect((await delivery(slow.id, ({ error }) => error !== null)).error).toBe("no answer in time");
    }
  });

  it("given one that redirects, it should not be followed", async () => {
    const box = await mailbox(() => 200);
    const { id } = await hook(
      await listen((_request, response) => void response.writeHead(307, { location: box.url }).end()),
    );
    await transfer();
    const failed = await delivery(id, ({ error }) => error !== null);
    expect(failed).toMatchObject({ answer: 307, error: "answered 307: redirects are not followed" });
    expect(box.messages).toHaveLength(0);
  });

  it("given one that says 410, it should never be asked again", async () => {
    const box = await mailbox(() => 410);
    const { id } = await hook(box.url);
    await transfer();
    await delivery(id, ({ status }) => status === "dead");
    expect((await stage.get(`/v1/webhooks/${id}`, firm.key)).body.reason).toMatch(/410/);
    await transfer();
    expect(box.messages).toHaveLength(1);
  });

  it("given one that answers at great length, it should be taken at its word", async () => {
    const { id } = await hook(
      await listen((_request, response) => {
        response.writeHead(200);
        const more = (): void => {
          while (!response.destroyed && response.write("x".repeat(65_536)));
        };
        response.on("drain", more);
        more();
      }),
    );
    await transfer();
    await delivery(id, ({ status }) => status === "delivered");
  });
});

describe("a message that tells of nothing", () => {
  it("should be signed as all are, and say what the receiver answered, and leave no trace", async () => {
    const box = await mailbox((count) => (count === 1 ? 204 : 503));
    const { id, secret } = await hook(box.url);
    const test = async () => (await stage.post(`/v1/webhooks/${id}/test`, undefined, firm.key)).body;
    expect(await test()).toMatchObject({ isTaken: true, answer: 204, error: null });
    const { headers, body } = box.messages[0]!;
    const message = new Webhook(secret).verify(body, headers) as { readonly type: string; readonly data: object };
    expect(message).toMatchObject({ type: "webhook.test", data: { webhook: id } });
    expect(await test()).toMatchObject({ isTaken: false, answer: 503, error: "answered 503" });
    expect((await stage.get(`/v1/webhooks/${id}`, firm.key)).body).toMatchObject({
      status: "active",
      failingSince: null,
    });
    expect(await deliveries(id)).toEqual([]);
    expect(box.messages).toHaveLength(2);
  });

  it("should go nowhere where other messages may not go", async () => {
    const { id } = await hook("https://localhost.localdomain.invalid/");
    const { body } = await stage.post(`/v1/webhooks/${id}/test`, undefined, firm.key);
    expect(body).toMatchObject({ isTaken: false, answer: null, error: expect.stringContaining("looked up") as string });
    await stage.db.updateTable("webhooks").set({ url: "https://10.0.0.1/" }).where("id", "=", id).execute();
    const refused = await stage.post(`/v1/webhooks/${id}/test`, undefined, firm.key);
    expect(refused.body).toMatchObject({ isTaken: false, error: "10.0.0.1 is not a public address" });
  });
});

describe("the webhooks of an owner", () => {
  it("should be the owner's, without secrets, and gone when removed", async () => {
    const { id, secret } = await hook("https://receiver.example/in", { label: "Kế toán", kinds: ["retirement"] });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const { body } = await stage.get(`/v1/webhooks/${id}`, firm.key);
    expect(body).toMatchObject({ participantId: firm.id, label: "Kế toán", types: null, kinds: ["retirement"] });
    expect(JSON.stringify(body)).not.toContain("whsec_");
    const rows = await stage.db.selectFrom("webhooks").selectAll().execute();
    expect(JSON.stringify(rows, (_key, value: unknown) => String(value))).not.toContain(secret.slice(6));

    const admin = await stage.keyOf({ scope: "admin", label: "admin" });
    for (const [key, status] of [
      [other.key, 404],
      [admin, 200],
    ] as const) {
      expect((await stage.get(`/v1/webhooks/${id}`, key)).status).toBe(status);
      expect((await stage.get(`/v1/webhooks/${id}/deliveries`, key)).status).toBe(status);
    }
    expect((await stage.get("/v1/webhooks", other.key)).body.items).toEqual([]);
    expect((await stage.post(`/v1/webhooks/${id}/rotate`, undefined, other.key)).status).toBe(404);
    expect((await stage.post("/v1/webhooks", { url: "https://a.example" }, admin)).status).toBe(403);
    expect((await stage.post(`/v1/webhooks/${id}/deliveries/9/redeliver`, undefined, firm.key)).status).toBe(404);
    for (const [key, status] of [
      [other.key, 404],
      [admin, 403],
    ] as const) {
      expect((await stage.post(`/v1/webhooks/${id}/test`, undefined, key)).status).toBe(status);
      const since = "2026-01-01T00:00:00Z";
      expect((await stage.post(`/v1/webhooks/${id}/redeliver`, { since }, key)).status).toBe(status);
    }
    const never = { since: "0000-01-01T00:00:00Z" };
    expect((await stage.post(`/v1/webhooks/${id}/redeliver`, never, firm.key)).status).toBe(400);
    expect((await stage.get(`/v1/operations?since=${never.since}`, firm.key)).status).toBe(400);
    expect((await stage.send(`/v1/webhooks/${id}`, { method: "DELETE", headers: firm.key })).status).toBe(204);
    expect((await stage.get(`/v1/webhooks/${id}`, firm.key)).status).toBe(404);
  });

  it("should be so many at most", async () => {
    for (let count = 0; count < 20; count += 1) await hook("https://receiver.example/");
    const answer = await stage.post("/v1/webhooks", { url: "https://receiver.example/" }, firm.key);
    expect([answer.status, answer.body.code]).toEqual([409, "too-many-webhooks"]);
    const page = await stage.get("/v1/webhooks?limit=15", firm.key);
    const rest = await stage.get(`/v1/webhooks?limit=15&cursor=${page.body.next}`, firm.key);
    expect([page.body.items.length, rest.body.items.length]).toEqual([15, 5]);
  });

  it("should not lead where nobody may be sent", async () => {
    const refused = [
      ...["http://10.0.0.1/", "https://10.1.2.3/", "https://169.254.169.254/latest/meta-data", "https://[::1]/"],
      ...["https://[::ffff:10.0.0.1]/", "https://0x0a000001/", "https://user:pass@a.example/", "ftp://a.example/"],
      ...[
        "https://a.example/#x",
        "nonsense",
        "https://[fe80::1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::]/",
      ],
    ];
    for (const url of refused) {
      const answer = await stage.post("/v1/webhooks", { url }, firm.key);
      expect([url, answer.status, answer.body.code]).toEqual([url, 422, "webhook-url-refused"]);
    }
    expect((await stage.post("/v1/webhooks", { url: "https://a.example/", types: ["x"] }, firm.key)).status).toBe(400);
  });
});

describe("a role's webhook", () => {
  it("should tell of what was asked for in that role, and of nothing else", async () => {
    const box = await mailbox(() => 204);
    const registrar = await stage.officerKey("registrar", "registrar1");
    const made = await stage.post("/v1/webhooks", { url: box.url, types: ["operation.final"] }, registrar);
    await transfer();
    const project = { code: "HOOKED", ownerId: firm.id, bufferBasisPoints: 0, document: { name: "Hooked" } };
    const done = await stage.post("/v1/projects", project, { ...registrar, prefer: "wait=20" });
    const { body } = await until(() => box.messages[0]);
    expect(JSON.parse(body).data.operation.id).toBe(done.body.id);
    await stage.send(`/v1/webhooks/${made.body.id}`, { method: "DELETE", headers: registrar });
  });
});
