import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  codeOfSolidityError,
  errorTable,
  isErrorCode,
  Problem,
  problemDocument,
  problemFromDocument,
  problemOfContractError,
} from "../../src/errors.js";
import type { ErrorRow } from "../../src/errors/row.js";

interface Fragment {
  readonly type: string;
  readonly name?: string;
}

/** Names of the custom errors in the ABIs of all contracts, interfaces and libraries of the project; mocks are not deployed. */
function solidityErrors(): Set<string> {
  const names = new Set<string>();
  for (const entry of readdirSync("artifacts/contracts", { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".json")) continue;
    if (entry.parentPath.includes(join("contracts", "test"))) continue;
    const { abi } = JSON.parse(readFileSync(join(entry.parentPath, entry.name), "utf8")) as { abi?: Fragment[] };
    for (const fragment of abi ?? []) if (fragment.type === "error" && fragment.name) names.add(fragment.name);
  }
  return names;
}

const rows: [string, ErrorRow][] = Object.entries(errorTable);

describe("the error table", () => {
  it("should have a row for each custom error of the contracts", () => {
    const names = solidityErrors();
    expect(names.size).toBeGreaterThan(50);
    const missing = [...names].filter((name) => !isErrorCode(codeOfSolidityError(name)));
    expect(missing).toEqual([]);
  });

  it("should derive the code of a contract's error from its Solidity name", () => {
    for (const [code, row] of rows) {
      if (row.solidity !== undefined) expect(codeOfSolidityError(row.solidity)).toBe(code);
    }
  });

  it("should hold codes in kebab case, an error status, a title and a remedy in each row", () => {
    for (const [code, row] of rows) {
      expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(row.status).toBeGreaterThanOrEqual(400);
      expect(row.status).toBeLessThan(600);
      expect(row.title).not.toMatch(/\.$/);
      expect(row.remedy).toMatch(/\.$/);
    }
  });

  it("should say after how long a retryable request may be repeated", () => {
    for (const [, row] of rows) {
      expect(row.retryable).toBe(row.retryAfterSeconds !== undefined);
    }
  });
});

describe("problemDocument", () => {
  it("should give the members of RFC 9457 and ours, with the extensions beside them", () => {
    const problem = new Problem("units-insufficient-balance", "Only 3 of 5.", { evidence: { balance: "3" } });
    const document = problemDocument(problem, "urn:uuid:1");
    expect(document).toEqual({
      type: "/v1/errors#units-insufficient-balance",
      title: "The holding is smaller than the amount",
      status: 409,
      detail: "Only 3 of 5.",
      instance: "urn:uuid:1",
      code: "units-insufficient-balance",
      retryable: false,
      remedy: "Read the holding and name at most its tonnes.",
      evidence: { balance: "3" },
    });
    expect(problemDocument(problemFromDocument(document), "urn:uuid:1")).toEqual(document);
  });
});

describe("problemOfContractError", () => {
  it("given an error with a row, it should carry the evidence", () => {
    const problem = problemOfContractError("IntentsExpired", { deadline: "1", timestamp: "2" });
    expect(problem.code).toBe("intents-expired");
    expect(problem.extra).toEqual({ evidence: { deadline: "1", timestamp: "2" } });
  });

  it("given an error without a row, it should say that the transaction failed and name it", () => {
    const problem = problemOfContractError("SomethingElse", {});
    expect(problem.code).toBe("transaction-failed");
    expect(problem.detail).toContain("SomethingElse");
  });
});
