import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";

import { createAddressRules, isNetwork } from "../../../src/notifications/addresses.js";
import { post } from "../../../src/notifications/post.js";
import { createSecretBox, newSecret, signatureHeader } from "../../../src/notifications/secrets.js";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(): Promise<{ port: number; asked: () => number }> {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(204).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, asked: () => asked };
}

const send = (url: string, networks: string[] = []) =>
  post({
    url,
    headers: {},
    body: "{}",
    timeoutMs: 5_000,
    rules: createAddressRules(networks),
    signal: new AbortController().signal,
  });

describe("Address rules", () => {
  const rules = createAddressRules(["10.20.0.0/16", "fd00::/8"]);

  it("should let pass what is on the public internet", () => {
    for (const address of ["1.1.1.1", "203.0.112.1", "2606:4700::1111"])
      expect([address, rules.isReachable(address)]).toEqual([address, true]);
  });

  it("should hold back every other address, however it is written", () => {
    const special = [
      ...[
        "127.0.0.1",
        "127.255.0.1",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "172.31.255.255",
        "192.168.1.1",
      ],
      ...[
        "198.19.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:1.1.1.1",
        "fe80::1",
        "fc00::1",
      ],
      ...["ff02::1", "64:ff9b::a00:1", "2001:db8::1", "2001::1", "2002:7f00:1::", "not an address"],
    ];
    for (const address of special) expect([address, rules.isReachable(address)]).toEqual([address, false]);
  });

  it("should let pass what was allowed by name, and trust it", () => {
    for (const address of ["10.20.30.40", "fd12::1"]) {
      expect([rules.isReachable(address), rules.isTrusted(address)]).toEqual([true, true]);
    }
    expect([rules.isReachable("10.21.0.1"), rules.isTrusted("1.1.1.1")]).toEqual([false, false]);
  });

  it("should know a network when it sees one", () => {
    expect(["10.0.0.0/8", "::1/128", "fd00::/8"].every(isNetwork)).toBe(true);
    expect(["10.0.0.0", "10.0.0.0/33", "::1/129", "a/8", "10.0.0/8", ""].some(isNetwork)).toBe(false);
  });
});

describe("A message that is sent", () => {
  it("given a name that leads to a private address, it should not arrive, whatever was checked before", async () => {
    const { port, asked } = await listen();
    const outcome = await send(`http://localhost:${port}/`);
    expect(outcome.status).toBeNull();
    expect(outcome.error).toMatch(/is not a public address/);
    expect((await send(`http://127.0.0.1:${port}/`)).error).toMatch(/is not a public address/);
    expect(asked()).toBe(0);
  });

  it("given the same in a network that is allowed, it should arrive", async () => {
    const { port, asked } = await listen();
    const networks = ["127.0.0.0/8", "::1/128"];
    expect(await send(`http://localhost:${port}/`, networks)).toEqual({ status: 204, error: null, retryAfterMs: null });
    expect(await send(`http://127.0.0.1:${port}/`, networks)).toMatchObject({ status: 204 });
    expect(asked()).toBe(2);
  });

  it("given a name of which one address is private, it should not arrive", async () => {
    const { port, asked } = await listen();
    // `localhost` may have two addresses; only one of them is allowed here, or none is in the way.
    const outcome = await send(`http://localhost:${port}/`, ["10.0.0.0/8"]);
    expect(outcome.error).toMatch(/is not a public address/);
    expect(asked()).toBe(0);
  });

  it("should keep plain http out of the internet", async () => {
    expect((await send("http://1.1.1.1/")).error).toBe("plain http goes to trusted networks only");
  });

  it("should say in few words what went wrong", async () => {
    const { port } = await listen();
    servers.splice(0).forEach((server) => server.close());
    expect((await send(`http://127.0.0.1:${port}/`, ["127.0.0.0/8"])).error).toBe(
      "the connection failed (ECONNREFUSED)",
    );
    expect((await send("https://nobody.invalid/")).error).toBe("the name cannot be looked up");
  });
});

describe("The secrets of webhooks", () => {
  const box = (signature: string) => createSecretBox(async () => signature);

  it("should open again, for the same account only, and unchanged only", async () => {
    const secret = newSecret();
    const sealed = await box(`0x${"ab".repeat(65)}`).seal(secret);
    expect(await box(`0x${"ab".repeat(65)}`).open(sealed)).toBe(secret);
    await expect(box(`0x${"ac".repeat(65)}`).open(sealed)).rejects.toThrow();
    const changed = Buffer.from(sealed, "base64");
    changed[changed.length - 1]! ^= 1;
    await expect(box(`0x${"ab".repeat(65)}`).open(changed.toString("base64"))).rejects.toThrow();
  });

  it("should sign as Standard Webhooks has it", () => {
    // Name, time, body and signature of the specification's own example.
    const message = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: '{"test": 2432232314}' };
    expect(signatureHeader(message, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])).toBe(
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    );
  });
});
