import { describe, expect, it } from "vitest";
import { CliError, type Register } from "../../../src/cli/io.js";
import { createProgress } from "../../../src/cli/progress.js";
import { runCli } from "../../../src/cli/run.js";
import { VERSION } from "../../../src/version.js";

function surroundings(env: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const into = (lines: string[]) => ({ write: (text: string) => lines.push(text) });
  return { env, stdout: into(out), stderr: into(err), out: () => out.join(""), err: () => err.join("") };
}

const tell: Register = (program, io) => {
  program
    .command("tell")
    .argument("<answer>")
    .action((answer: string) => {
      if (answer === "broken") throw new CliError("It is broken.");
      if (answer === "bug") throw new TypeError("A bug.");
      io.note("on the way");
      io.out(`${io.url} ${io.key ?? "no key"}`);
      io.json({ answer, size: 10n });
      if (answer === "no") io.exit(1);
    });
};

const run = (args: string[], around = surroundings()) => runCli(args, around, [tell]);

describe("carbon", () => {
  it("should answer people on standard output, and everything else beside it", async () => {
    const around = surroundings({ CARBON_URL: "http://ledger/", CARBON_KEY: "cl_1" });
    expect(await run(["tell", "yes"], around)).toBe(0);
    expect([around.out(), around.err()]).toEqual(["http://ledger cl_1\n", "on the way\n"]);
  });

  it("given --json, it should answer with one document, wherever the option stands", async () => {
    for (const args of [
      ["--json", "tell", "yes"],
      ["tell", "yes", "--json"],
    ]) {
      const around = surroundings();
      await run(args, around);
      expect([args, around.out()]).toEqual([args, '{\n  "answer": "yes",\n  "size": "10"\n}\n']);
    }
  });

  it("should prefer options to the environment", async () => {
    const around = surroundings({ CARBON_URL: "http://a", CARBON_KEY: "" });
    await run(["--url", "http://b", "tell", "yes"], around);
    expect(around.out()).toBe("http://b no key\n");
  });

  it.each([
    ["yes", ["tell", "yes"], 0],
    ["no", ["tell", "no"], 1],
    ["an unknown command", ["sing"], 2],
    ["an unknown option", ["tell", "yes", "--loud"], 2],
    ["a missing argument", ["tell"], 2],
    ["nothing", [], 2],
    ["a call for help", ["--help"], 0],
    ["a call for the version", ["--version"], 0],
    ["what could not be done", ["tell", "broken"], 3],
    ["a bug", ["tell", "bug"], 3],
  ])("given %s, it should end with its own code", async (_what, args, code) => {
    expect(await run(args)).toBe(code);
  });

  it("should name the version, the exit codes, and why something could not be done", async () => {
    const [version, help, broken] = [surroundings(), surroundings(), surroundings()];
    await run(["--version"], version);
    await run(["--help"], help);
    await run(["tell", "broken"], broken);
    expect(version.out()).toBe(`${VERSION}\n`);
    expect(help.out()).toContain("Exit codes: 0 yes");
    expect(broken.err()).toBe("It is broken.\n");
  });
});

describe("the progress bar", () => {
  it("should be drawn on a terminal only, and not at each step", () => {
    const texts: string[] = [];
    let time = 0;
    const bar = createProgress({ isTTY: true, write: (text) => texts.push(text) }, "Blocks", () => time);
    bar.set(0, 4);
    bar.set(1, 4);
    time = 200;
    bar.set(2n, 4n);
    bar.end();
    expect(texts.length).toBe(3);
    expect(texts[1]).toContain(`Blocks [${"#".repeat(15)}${"-".repeat(15)}] 50 % (2 of 4)`);

    createProgress({ write: (text) => texts.push(text) }, "Blocks").set(1, 2);
    expect(texts.length).toBe(3);
  });
});
