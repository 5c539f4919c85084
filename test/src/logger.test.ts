import { describe, expect, it } from "vitest";
import { createLogger } from "../../src/logger.js";

describe("createLogger", () => {
  it("should write JSON lines with the level's name, and hide secrets wherever they stand", () => {
    const lines: string[] = [];
    const logger = createLogger("info", { write: (line: string) => lines.push(line) });
    logger.info(
      { request: { headers: { authorization: "hidden" } }, password: "hidden", secrets: { databaseUrl: "hidden" } },
      "said",
    );
    logger.debug("not said");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: "info", msg: "said", password: "[redacted]" });
    expect(lines[0]).not.toContain("hidden");
  });
});
