import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, environmentSchema, loadConfig } from "../../src/config.js";
import { keystorePassword } from "../../src/keystore-password.js";

describe("loadConfig", () => {
  it("given nothing, it should use the defaults", () => {
    const { config, secrets } = loadConfig({});
    expect(config).toEqual({
      port: 3000,
      host: "127.0.0.1",
      dataDir: resolve("data"),
      rpcUrls: [],
      logLevel: "info",
      nodePort: 8545,
      manifestPath: resolve("data/deployment.json"),
      publicUrl: undefined,
      checkpoints: { blocks: 100, seconds: 60 },
      webhooks: { networks: [] },
    });
    expect(secrets).toEqual({ databaseUrl: undefined, keystorePassword: undefined });
  });

  it("given empty values, it should treat them as unset", () => {
    expect(loadConfig({ PORT: "", RPC_URL: " ", DATABASE_URL: "" })).toEqual(loadConfig({}));
  });

  it("given several RPC URLs, it should keep their order", () => {
    const { config } = loadConfig({ RPC_URL: "http://one:8545, https://two/key" });
    expect(config.rpcUrls).toEqual(["http://one:8545", "https://two/key"]);
  });

  it("given a public URL, it should drop the slash at its end", () => {
    expect(loadConfig({ PUBLIC_URL: "https://ledger.example/" }).config.publicUrl).toBe("https://ledger.example");
  });

  it("should keep secrets out of what may be logged", () => {
    const { config, secrets } = loadConfig({
      DATABASE_URL: "postgres://user:hidden-one@host/db",
      KEYSTORE_PASSWORD: "hidden-two-hidden",
    });
    expect(JSON.stringify(config)).not.toMatch(/hidden/);
    expect(secrets.databaseUrl).toContain("hidden-one");
    expect(secrets.keystorePassword).toBe("hidden-two-hidden");
  });

  it("given bad values, it should name every one of them, and repeat no value", () => {
    const bad = {
      PORT: "65536",
      NODE_PORT: "x",
      DATABASE_URL: "mysql://x",
      RPC_URL: "ftp://x,http://ok",
      LOG_LEVEL: "loud",
      KEYSTORE_PASSWORD: "short",
      PUBLIC_URL: "ledger",
    };
    const load = () => loadConfig(bad);
    expect(load).toThrow(ConfigError);
    try {
      load();
    } catch (error) {
      const { problems, message } = error as ConfigError;
      expect(problems.map((problem) => problem.split(" ")[0]).sort()).toEqual(Object.keys(bad).sort());
      expect(message).not.toContain("short");
    }
  });

  it("should read exactly the keys that .env.example lists, with its defaults", () => {
    const lines = readFileSync(".env.example", "utf8").split("\n");
    const entries = lines
      .filter((line) => /^[A-Z_]+=/.test(line))
      .map((line) => line.split("=", 2) as [string, string]);
    expect(entries.map(([key]) => key).sort()).toEqual(Object.keys(environmentSchema.shape).sort());
    expect(loadConfig(Object.fromEntries(entries))).toEqual(loadConfig({}));
  });
});

describe("keystorePassword", () => {
  it("given one, it should use it and write nothing", () => {
    expect(keystorePassword("/nonexistent", "given")).toEqual({ password: "given", file: undefined });
  });

  it("given none, it should make one that only the owner can read, and find it again", () => {
    const dataDir = mkdtempSync(join(tmpdir(), "password-"));
    const first = keystorePassword(dataDir, undefined);
    expect(first.password).toMatch(/^[\w-]{43}$/);
    expect(statSync(first.file!).mode & 0o777).toBe(0o600);
    expect(keystorePassword(dataDir, undefined)).toEqual(first);
  });
});
