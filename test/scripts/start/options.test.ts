import { describe, expect, it } from "vitest";

import { parseStartArguments, UsageError } from "../../../scripts/start/options.js";

describe("Arguments of npm start", () => {
  it("plays the pilot on the data that is there, unless told otherwise", () => {
    expect(parseStartArguments([])).toEqual({ fresh: false, pilot: true, help: false, settings: {} });
  });

  it("takes port and data directory as the settings of the environment", () => {
    const { settings } = parseStartArguments(["--port", "3055", "--data-dir=/tmp/x"]);

    expect(settings).toEqual({ PORT: "3055", DATA_DIR: "/tmp/x" });
  });

  it("knows --fresh, --no-pilot and --help", () => {
    expect(parseStartArguments(["--fresh", "--no-pilot", "--help"])).toMatchObject({
      fresh: true,
      pilot: false,
      help: true,
    });
  });

  it("refuses what it does not know", () => {
    for (const args of [["--frehs"], ["fresh"], ["--port"]]) {
      expect(() => parseStartArguments(args)).toThrow(UsageError);
    }
  });
});
