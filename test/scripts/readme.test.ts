import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const SCRIPTS = [
  "start",
  "serve",
  "test",
  "lint",
  "format",
  "typecheck",
  "coverage",
  "bench",
  "deploy",
  "rebuild",
  "build",
  "carbon",
];

const readme = readFileSync("README.md", "utf8");
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

/** Commands of npm: what stands in code blocks and in backticks. */
function mentionedScripts(): string[] {
  const commands = readme.matchAll(/\bnpm (?:run ([a-z:]+)|(start|test)\b)/g);
  return [...new Set([...commands].map(([, run, short]) => run ?? short ?? ""))];
}

describe("package.json", () => {
  it("should have every script that people and the README rely on", () => {
    expect(mentionedScripts().length).toBeGreaterThan(4);
    for (const name of [...SCRIPTS, ...mentionedScripts()]) expect(scripts, name).toHaveProperty(name);
  });

  it("should name only programs of its own that exist", () => {
    const files = Object.values(scripts).flatMap((command) => command.match(/\b(?:src|scripts)\/\S+\.ts/g) ?? []);
    expect(files.length).toBeGreaterThan(4);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe("README.md", () => {
  it("should link only to what exists", () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target]) => target ?? "");
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((target) => !existsSync(target))).toEqual([]);
  });
});
