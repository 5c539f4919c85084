import { z } from "zod";
import { listQuery, pageOf } from "../http/pagination.js";
import {
  address,
  addressInput,
  bytesInput,
  code,
  codeInput,
  dayInput,
  decimal,
  hash,
  hashInput,
  onChain,
  tonnesInput,
} from "../http/primitives.js";

/** The contract counts days from 1970-01-01, and takes that day for none. */
const periodDayInput = dayInput.refine((day) => day > "1970-01-01", "must be after 1970-01-01");

export const statementSchema = z
  .strictObject({
    id: hash.describe("The EIP-712 digest of the statement."),
    projectCode: code,
    verifier: address,
    periodStart: z.string().describe("First day of the monitoring period."),
    periodEnd: z.string().describe("Last day of the monitoring period."),
    verifiedTonnes: decimal,
    claimedTonnes: decimal.describe("Proposed or issued so far."),
    reportHash: hash.describe("keccak-256 of the verification report."),
    ...onChain,
  })
  .meta({ id: "VerificationStatement" });

export const statementPage = pageOf(statementSchema);

export const statementQuery = z.strictObject({
  ...listQuery,
  projectCode: codeInput.optional(),
  verifier: addressInput.optional(),
});

const terms = {
  projectCode: codeInput,
  periodStart: periodDayInput,
  periodEnd: periodDayInput,
  verifiedTonnes: tonnesInput,
  reportHash: hashInput,
};

export const newStatementBody = z.union([
  z
    .strictObject({ statement: z.strictObject({ ...terms, verifier: addressInput }), signature: bytesInput })
    .describe("Signed by the verifier (EIP-712; ERC-1271 for contracts). Needs no API key."),
  z
    .strictObject({ statement: z.strictObject(terms) })
    .describe("The service signs with the managed account of the API key, which must be of role verifier."),
]);
