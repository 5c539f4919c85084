import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { sealKeystore } from "../../../src/chain/keystore.js";
import { startCarbon } from "../../support/carbon.js";

const KEY = `0x${"11".repeat(32)}`;
const { address: ADDRESS } = new Wallet(KEY);
const PASSWORD = "correct horse";
const env = { CARBON_PASSWORD: PASSWORD };

let person: ReturnType<typeof startCarbon>;
let keystore: string;
beforeAll(async () => {
  person = startCarbon();
  keystore = join(person.home, "wallet.json");
  writeFileSync(keystore, await sealKeystore(KEY, PASSWORD, 2));
});
afterAll(() => person.close());

const place = (name: string): string => join(person.home, "keys", name);

describe("carbon keys", () => {
  it("should say where keys would be when there are none", async () => {
    const { code, err } = await person.carbon(["keys", "list"]);
    expect([code, err]).toEqual([0, expect.stringContaining("keys new NAME")]);
  });

  it("should make a key, encrypted, for its owner's eyes only, and ask for the password twice", async () => {
    const { carbon, asked } = person;
    const made = await carbon(["keys", "new", "office", "--json"], { secrets: [PASSWORD, PASSWORD] });
    expect(made).toMatchObject({ code: 0, json: { name: "office", file: place("office.json") } });
    expect(asked).toHaveLength(2);
    expect(statSync(place("office.json")).mode & 0o777).toBe(0o600);
    expect(statSync(place("")).mode & 0o777).toBe(0o700);
    expect(await carbon(["keys", "check", "office", "--json"], { env })).toMatchObject({
      code: 0,
      json: { opens: true, address: made.json.address },
    });
  });

  it("should write nothing when the passwords differ or are short", async () => {
    const { carbon } = person;
    expect(await carbon(["keys", "new", "other"], { secrets: [PASSWORD, "correct house"] })).toMatchObject({ code: 3 });
    expect(await carbon(["keys", "new", "other"], { env: { CARBON_PASSWORD: "short" } })).toMatchObject({ code: 3 });
    expect(await carbon(["keys", "show", "other"])).toMatchObject({ code: 3 });
  });

  it("should take over a keystore, and a private key as text, and find both by name and address", async () => {
    const { carbon } = person;
    const taken = await carbon(["keys", "import", keystore, "--name", "wallet", "--json"], { env });
    expect(taken.json).toMatchObject({ name: "wallet", address: ADDRESS });
    expect(readFileSync(place("wallet.json"), "utf8").trim()).toBe(readFileSync(keystore, "utf8"));
    const input = `${"22".repeat(32)}\n`;
    expect(await carbon(["keys", "import", "-", "--name", "text"], { env, input })).toMatchObject({ code: 0 });
    expect((await carbon(["keys", "show", ADDRESS.toLowerCase(), "--json"])).json).toMatchObject({ name: "wallet" });
    const { out } = await carbon(["keys", "list"]);
    expect(out.split("\n").map((line) => line.split(" ")[0])).toEqual(["name", "office", "text", "wallet", ""]);
    expect(out).not.toContain("22222222222222222222222222222222222222222222222222");
  });

  it("should never write over a key, nor out of its directory", async () => {
    const { carbon } = person;
    const before = readFileSync(place("wallet.json"), "utf8");
    expect(await carbon(["keys", "new", "wallet"], { env })).toMatchObject({
      code: 3,
      err: expect.stringContaining("stays") as string,
    });
    expect(readFileSync(place("wallet.json"), "utf8")).toBe(before);
    for (const name of ["../wallet", "a/b", ".hidden", ""]) {
      expect([name, (await carbon(["keys", "new", name], { env })).code]).toEqual([name, 2]);
    }
    expect(await carbon(["keys", "show", "../wallet"])).toMatchObject({ code: 3 });
  });

  it("should take the password from a file, and say when it is wrong", async () => {
    const { carbon } = person;
    const file = join(person.home, "password.txt");
    writeFileSync(file, `${PASSWORD}\n`);
    expect(await carbon(["keys", "check", "wallet", "--password-file", file])).toMatchObject({ code: 0 });
    const wrong = await carbon(["keys", "check", "wallet"], { env: { CARBON_PASSWORD: "correct house" } });
    expect([wrong.code, wrong.err]).toEqual([3, "Key wallet: The password is wrong.\n"]);
    expect((await carbon(["keys", "check", "wallet"])).err).toContain("nobody to ask");
  });

  it("should name the file that is damaged, and go on with the others", async () => {
    const { carbon } = person;
    writeFileSync(place("cut.json"), readFileSync(keystore, "utf8").slice(0, 200));
    const { code, err } = await carbon(["keys", "check", "cut"], { env });
    expect([code, err]).toEqual([3, `${place("cut.json")}: It is no JSON: it was cut off, or is no keystore.\n`]);
    const { json } = await carbon(["keys", "list", "--json"]);
    expect(json.items).toContainEqual(
      expect.objectContaining({ name: "cut", fault: expect.stringContaining("cut off") }),
    );
    expect(json.items).toContainEqual(expect.objectContaining({ name: "wallet", address: ADDRESS }));
  });

  it("should import neither what is no key nor a keystore that does not open", async () => {
    const { carbon } = person;
    for (const input of ["", "hello", "00".repeat(32)]) {
      expect(await carbon(["keys", "import", "-", "--name", "no"], { env, input })).toMatchObject({ code: 3 });
    }
    const wrong = { env: { CARBON_PASSWORD: "correct house" } };
    expect(await carbon(["keys", "import", keystore, "--name", "no"], wrong)).toMatchObject({ code: 3 });
    expect(await carbon(["keys", "import", join(person.home, "none"), "--name", "no"])).toMatchObject({ code: 3 });
    expect(await carbon(["keys", "show", "no"])).toMatchObject({ code: 3 });
  });
});
