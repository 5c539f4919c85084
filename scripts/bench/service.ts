import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { createClient, type Client } from "../../src/client/client.js";
import { createFirm, type Firm, type SignedIntent } from "../../src/client/firm.js";
import { addressOf } from "../../src/client/keys.js";
import type { Operation, RoleName } from "../../src/client/types.js";

/** The service in a process of its own, as `npm run serve` starts it, with an embedded node and PGlite in `dataDir`. */
export interface ServiceProcess {
  readonly url: string;
  readonly adminKey: string;
  readonly pid: number | undefined;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

const START_PATIENCE_MS = 120_000;
const SETTLE_SECONDS = 120;
export const BATCH = "BENCH-2024";
const PROJECT = "BENCH";

/** @param entry What the process runs. */
export async function startServiceProcess(
  dataDir: string,
  port: number,
  nodePort: number,
  entry = "src/main.ts",
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", entry], {
    env: { ...process.env, DATA_DIR: dataDir, PORT: String(port), NODE_PORT: String(nodePort), LOG_LEVEL: "error" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  await readiness(url, child);
  const adminKey = (await readFile(join(dataDir, "admin-key"), "utf8")).trim();
  return {
    url,
    adminKey,
    pid: child.pid,
    async stop() {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await gone;
    },
  };
}

async function readiness(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_PATIENCE_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const ready = await fetch(`${url}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  child.kill("SIGKILL");
  throw new Error("The service did not become ready.");
}

export interface Trader {
  readonly privateKey: string;
  readonly firm: Firm;
}

/** A client that holds an office. */
export async function officeOf(service: ServiceProcess, role: RoleName, index = 0): Promise<Client> {
  const admin = createClient({ baseUrl: service.url, apiKey: service.adminKey });
  const { roles } = await admin.chain.get();
  const account = roles[role]?.[index] ?? "";
  const { key } = await admin.apiKeys.create({ scope: "role", role, account, label: `bench ${role} ${index}` });
  return createClient({ baseUrl: service.url, apiKey: key });
}

/** Waits until it is final. */
export async function done(client: Client, operation: Promise<Operation>): Promise<Operation> {
  return client.operations.settle(await operation, SETTLE_SECONDS);
}

/** Admits firms that keep their own keys, issues a batch, and gives each of them units of it. All over HTTP. */
export async function prepareTraders(service: ServiceProcess, keys: readonly string[]): Promise<Trader[]> {
  const open = createClient({ baseUrl: service.url });
  const [registrar, second, verifier] = [
    await officeOf(service, "registrar"),
    await officeOf(service, "registrar", 1),
    await officeOf(service, "verifier"),
  ];

  await Promise.all(
    keys.map(async (privateKey, index) =>
      done(
        registrar,
        registrar.participants.admit({
          taxCode: (9_100_000_000 + index).toString(),
          capabilities: ["trade-credits", "develop-projects"],
          kycExpiresAt: "2099-01-01T00:00:00.000Z",
          document: { name: `Firm ${index}` },
          account: addressOf(privateKey),
        }),
      ),
    ),
  );
  const first = await open.accounts.get(addressOf(keys[0] ?? ""));
  const project = { code: PROJECT, ownerId: first.participantId, bufferBasisPoints: 0, document: { name: "Bench" } };
  await done(registrar, registrar.projects.create(project));
  await done(registrar, registrar.projects.setStatus(PROJECT, "validated"));
  await done(registrar, registrar.projects.setStatus(PROJECT, "registered"));
  const statement = {
    projectCode: PROJECT,
    periodStart: "2024-01-01",
    periodEnd: "2024-12-31",
    verifiedTonnes: 1_000_000n,
    reportHash: `0x${"11".repeat(32)}`,
  };
  const recorded = await done(verifier, verifier.statements.record({ statement }));
  const proposed = await done(
    registrar,
    registrar.issuances.propose({
      statementId: String(recorded.result?.["statementId"]),
      batch: BATCH,
      vintage: 2024,
      tonnes: 1_000_000n,
      recipient: first.address,
      document: { name: "Bench" },
    }),
  );
  await done(second, second.issuances.approve(String(proposed.result?.["issuanceId"])));

  const traders = keys.map((privateKey) => ({ privateKey, firm: createFirm({ client: open, privateKey }) }));
  for (const { firm } of traders.slice(1)) {
    const operation = await (traders[0] as Trader).firm.transfer(
      { to: firm.address, batch: BATCH, tonnes: 10_000n },
      { waitSeconds: 30 },
    );
    await open.operations.settle(operation, 60);
  }
  return traders;
}

/** `count` transfers from each firm to the next, signed before the clock runs. */
export async function signTransfers(traders: readonly Trader[], count: number): Promise<SignedIntent[]> {
  const signed: SignedIntent[] = [];
  for (let index = 0; index < count; index += 1) {
    const { firm } = traders[index % traders.length] as Trader;
    const { firm: receiver } = traders[(index + 1) % traders.length] as Trader;
    signed.push(await firm.sign.transfer({ to: receiver.address, batch: BATCH, tonnes: 1n }));
  }
  return signed;
}

/** Sends signed transfers. @returns an operation that was among the last to be accepted */
export type Post = (service: ServiceProcess, signed: readonly SignedIntent[]) => Promise<Operation | undefined>;

/** Each in a request of its own, `concurrency` at a time. */
export function postSingly(concurrency: number): Post {
  return async ({ url }, signed) => {
    const queue = signed.toReversed();
    let last: Operation | undefined;
    const post = async (): Promise<void> => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const { intent, signature } = next;
        last = (await postJson(`${url}/v1/transfers`, { intent, signature }, 202)) as Operation;
      }
    };
    await Promise.all(Array.from({ length: concurrency }, post));
    return last;
  };
}

/** In lists of `size`, one after the other. */
export function postLists(size: number): Post {
  return async ({ url }, signed) => {
    let last: Operation | undefined;
    for (let start = 0; start < signed.length; start += size) {
      const items = signed
        .slice(start, start + size)
        .map(({ intent, signature }) => ({ kind: "transfer", intent, signature }));
      const answer = (await postJson(`${url}/v1/intents`, { items }, 200)) as { items: { operation: Operation }[] };
      last = answer.items.at(-1)?.operation;
    }
    return last;
  };
}

async function postJson(url: string, body: object, expected: number): Promise<unknown> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.status !== expected)
    throw new Error(`Transfers were answered with ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/**
 * Posts all and waits until they are final, without asking more often than it must.
 * @returns seconds, first request to last final
 */
export async function postUntilFinal(
  service: ServiceProcess,
  signed: readonly SignedIntent[],
  post: Post,
): Promise<number> {
  const admin = createClient({ baseUrl: service.url, apiKey: service.adminKey });
  const began = performance.now();
  const last = await post(service, signed);
  if (last !== undefined) await admin.operations.settle(last, SETTLE_SECONDS);
  for (const status of ["accepted", "sent"] as const) {
    while ((await admin.operations.list({ status, limit: 1 })).items.length > 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const seconds = (performance.now() - began) / 1_000;
  for (const { hash } of signed) {
    const { status } = await admin.operations.get(hash);
    if (status !== "final") throw new Error(`Transfer ${hash} ended ${status}.`);
  }
  return seconds;
}
