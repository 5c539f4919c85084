import { execFileSync } from "node:child_process";
import { EventEmitter } from "node:events";
import type { ReadStream } from "node:tty";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { COMMAND_GROUPS } from "../../../src/cli/commands.js";
import { createIo } from "../../../src/cli/io.js";
import { askHidden } from "../../../src/cli/terminal.js";
import { startCarbon } from "../../support/carbon.js";

let person: ReturnType<typeof startCarbon>;
beforeAll(() => {
  person = startCarbon();
});
afterAll(() => person.close());

function everyCommand(): { readonly path: string[]; readonly command: Command }[] {
  const output = { write: () => undefined };
  const { io } = createIo({ env: {}, stdout: output, stderr: output }, () => ({}));
  const program = new Command("carbon");
  for (const { commands } of COMMAND_GROUPS) for (const register of commands) register(program, io);
  const visit = (command: Command, path: string[]): { path: string[]; command: Command }[] =>
    command.commands.flatMap((child) => {
      const here = [...path, child.name()];
      return [{ path: here, command: child }, ...visit(child, here)];
    });
  return visit(program, []);
}

describe("carbon --help", () => {
  it("should describe every command, option and argument", async () => {
    for (const { path, command } of everyCommand()) {
      expect([path, command.description()]).toEqual([path, expect.stringMatching(/\S/)]);
      for (const { flags, description } of command.options)
        expect([path, flags, description !== ""]).toEqual([path, flags, true]);
      for (const argument of command.registeredArguments) {
        expect([path, argument.name(), argument.description !== ""]).toEqual([path, argument.name(), true]);
      }
    }
    const { code, out } = await person.carbon(["--help"]);
    expect(code).toBe(0);
    for (const { heading } of COMMAND_GROUPS) expect(out).toContain(heading);
  });

  it("should show an example of what people do every day", async () => {
    for (const name of [
      "keys",
      "profiles",
      "transfer",
      "retire",
      "cancel",
      "holdings",
      "orders",
      "deals",
      "cash",
      "watch",
      "history",
    ]) {
      const { code, out } = await person.carbon([name, "--help"]);
      expect([name, code, out]).toEqual([name, 0, expect.stringMatching(/Examples?:\n {2}carbon /)]);
    }
  });
});

describe("carbon completion", () => {
  it("should complete commands, options and their values in Bash", async () => {
    const { out } = await person.carbon(["completion", "bash"]);
    const ask = (...words: string[]): string[] => {
      const quoted = words.map((word) => `'${word}'`).join(" ");
      const script = `${out}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _carbon; echo "\${COMPREPLY[@]}"`;
      return execFileSync("bash", ["--norc", "-c", script], { encoding: "utf8" }).trim().split(" ");
    };
    expect(ask("carbon", "hol")).toEqual(["holdings"]);
    expect(ask("carbon", "--json", "orders", "")).toEqual(["list", "show", "buy", "sell", "cancel", "cancel-all"]);
    expect(ask("carbon", "orders", "buy", "VN-1", "--ti")).toEqual(expect.arrayContaining(["--tif"]));
    expect(ask("carbon", "retire", "VN-1", "5", "--purpose", "c")).toEqual(["compliance", "corsia"]);
    expect(ask("carbon", "completion", "")).toEqual(["bash", "zsh", "fish"]);
  });

  it("should know the same commands in every shell", async () => {
    const scripts = await Promise.all(["bash", "zsh", "fish"].map((shell) => person.carbon(["completion", shell])));
    for (const { path } of everyCommand()) {
      for (const { out } of scripts) expect([path, out.includes(path.join(" "))]).toEqual([path, true]);
    }
  });
});

describe("a question for a secret", () => {
  const keyboard = () =>
    Object.assign(new EventEmitter(), { setRawMode: () => undefined, resume: () => undefined, pause: () => undefined });

  it("should show nothing of the answer, and let it be corrected", async () => {
    const [input, shown] = [keyboard(), [] as string[]];
    const asked = askHidden("Password", input as unknown as ReadStream, { write: (text) => shown.push(text) });
    for (const text of ["mật khx", "\u007f", "ẩu", "\r"]) input.emit("data", Buffer.from(text));
    expect(await asked).toBe("mật khẩu");
    expect(shown.join("")).toBe("Password: \n");
  });

  it("should end with Ctrl-C", async () => {
    const input = keyboard();
    const asked = askHidden("Password", input as unknown as ReadStream, { write: () => undefined });
    input.emit("data", Buffer.from("abc\u0003"));
    await expect(asked).rejects.toThrow("Nothing was done.");
  });
});
