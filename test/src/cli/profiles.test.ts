import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { homeOf } from "../../../src/cli/profiles-file.js";
import { startCarbon } from "../../support/carbon.js";
import { startFakeService, type FakeService } from "../client/fake-service.js";

const SECRET = "cl_32ea71fb352f0d0a_vbjv4K8LeovQYkJjHLzdI";

let person: ReturnType<typeof startCarbon>;
let service: FakeService;
beforeEach(async () => {
  person = startCarbon();
  service = await startFakeService(() => ({ body: { items: [], next: null } }));
});
afterEach(async () => {
  await service.close();
  person.close();
});

const file = (): string => join(person.home, "profiles.json");
const sentKey = (): string | undefined => service.seen.at(-1)?.headers.authorization;

describe("carbon profiles", () => {
  it("should keep service and API key for their owner's eyes only, and show no secret", async () => {
    const { carbon } = person;
    const added = await carbon(["profiles", "add", "mine", "--service", service.baseUrl, "--api-key", SECRET]);
    expect(added).toMatchObject({ code: 0, out: expect.stringContaining("mine (in use)") as string });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const texts = [added, await carbon(["profiles", "list"]), await carbon(["profiles", "show", "--json"])];
    for (const { out } of texts) expect(out).not.toContain("vbjv4K8Leov");
    expect(texts[2]?.json).toMatchObject({ key: "cl_32ea71fb352f0d0a_***" });
    await carbon(["holdings"]);
    expect(sentKey()).toBe(`Bearer ${SECRET}`);
  });

  it("should use the one that is named, chosen, or given by the environment", async () => {
    const { carbon } = person;
    await carbon(["profiles", "add", "a", "--service", service.baseUrl, "--api-key", "cl_a_1"]);
    await carbon(["profiles", "add", "b", "--service", service.baseUrl, "--api-key", "-"], { secrets: ["cl_b_2"] });
    await carbon(["holdings"]);
    expect(sentKey()).toBe("Bearer cl_a_1");
    await carbon(["holdings", "--profile", "b"]);
    expect(sentKey()).toBe("Bearer cl_b_2");
    await carbon(["holdings"], { env: { CARBON_PROFILE: "b" } });
    expect(sentKey()).toBe("Bearer cl_b_2");
    await carbon(["profiles", "use", "b"]);
    await carbon(["holdings"]);
    expect(sentKey()).toBe("Bearer cl_b_2");
    await carbon(["holdings", "--key", "cl_c_3"]);
    expect(sentKey()).toBe("Bearer cl_c_3");
  });

  it("should show the API key to no other service than the one that it was kept with", async () => {
    const { carbon } = person;
    await carbon(["profiles", "add", "a", "--service", "http://127.0.0.1:9", "--api-key", SECRET]);
    await carbon(["holdings", "--url", service.baseUrl]);
    expect([service.seen.length, sentKey()]).toEqual([1, undefined]);
    await carbon(["holdings"], { env: { CARBON_URL: service.baseUrl } });
    expect([service.seen.length, sentKey()]).toEqual([2, undefined]);
  });

  it("should change one setting and leave the others", async () => {
    const { carbon } = person;
    await carbon(["profiles", "set", "--service", service.baseUrl]);
    await carbon(["profiles", "set", "--api-key", "cl_a_1", "--show-numbers", "de-DE"]);
    const { json } = await carbon(["profiles", "show", "--json"]);
    expect(json).toMatchObject({ name: "default", url: service.baseUrl, locale: "de-DE", isCurrent: true });
    expect(await carbon(["profiles", "remove", "default"])).toMatchObject({ code: 0 });
    expect((await carbon(["profiles", "list", "--json"])).json).toMatchObject({ items: [] });
  });

  it("should say what it does not know or cannot read", async () => {
    const { carbon } = person;
    for (const args of [
      ["use", "constructor"],
      ["use", "x"],
      ["remove", "x"],
      ["show", "x"],
      ["add", "a", "--sign-with", "x"],
    ]) {
      expect([args, (await carbon(["profiles", ...args])).code]).toEqual([args, 3]);
    }
    expect((await carbon(["profiles", "add", "a", "--service", "ftp://x"])).code).toBe(2);
    expect((await carbon(["holdings", "--profile", "x"])).err).toContain("There is no profile x");
    await carbon(["profiles", "add", "a"]);
    expect((await carbon(["profiles", "add", "a"])).code).toBe(3);
    for (const text of [readFileSync(file(), "utf8").slice(0, 20), "[]", '{"current":1,"profiles":{}}', "null"]) {
      writeFileSync(file(), text);
      expect([text, (await carbon(["holdings"])).code]).toEqual([text, 3]);
    }
  });

  it("should live where XDG has settings, unless told otherwise", () => {
    expect(homeOf({ CARBON_HOME: "/x", XDG_CONFIG_HOME: "/y" })).toBe("/x");
    expect(homeOf({ XDG_CONFIG_HOME: "/y", HOME: "/home/a" })).toBe("/y/carbon");
    expect(homeOf({ XDG_CONFIG_HOME: "relative", HOME: "/home/a" })).toBe("/home/a/.config/carbon");
  });
});
