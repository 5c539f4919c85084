import { z } from "zod";
import { isStorable } from "../documents.js";
import { listQuery, minBlockQuery, pageOf } from "../http/pagination.js";
import {
  address,
  addressInput,
  blockNumber,
  codeInput,
  dateTime,
  dateTimeInput,
  hash,
  idInput,
  onChain,
  publicDocument,
} from "../http/primitives.js";
import { CAPABILITIES } from "./capabilities.js";

const NOT_STORABLE = "must not contain the zero character or half of a surrogate pair";

const status = z.enum(["active", "suspended", "closed"]);
const accountStatus = z.enum(["active", "removed", "replaced"]);
const capabilities = z.array(z.enum(CAPABILITIES));

const taxCodeInput = z
  .string()
  .regex(/^\d{10}(-\d{3})?$/, "must be ten digits, and for a branch a hyphen and three digits");
const document = z
  .looseObject({ name: z.string().min(1).max(200) })
  .refine(isStorable, NOT_STORABLE)
  .describe("The public record: a name, and whatever else is public. Personal data does not belong here.");
const reason = z
  .string()
  .min(1)
  .max(2_000)
  .refine(isStorable, NOT_STORABLE)
  .describe("Kept by the service; the chain gets its hash.");

const terms = {
  capabilities: capabilities.refine((list) => new Set(list).size === list.length, "names a capability twice"),
  kycExpiresAt: dateTimeInput.describe("When the due diligence lapses."),
  document,
};
const isManaged = z.literal(true).describe("The service makes the account and keeps its key.");

export const admitBody = z.union([
  z.strictObject({ taxCode: taxCodeInput, ...terms, account: addressInput }),
  z.strictObject({ taxCode: taxCodeInput, ...terms, managed: isManaged }),
]);
export const updateBody = z.strictObject(terms);
export const reasonBody = z.strictObject({ reason });
export const emptyBody = z.strictObject({});
export const addAccountBody = z.union([
  z.strictObject({ address: addressInput }),
  z.strictObject({ managed: isManaged }),
]);
export const replacementBody = z.strictObject({ newAccount: addressInput });
export const recoveryBody = z.strictObject({ batch: codeInput });

export const participantParams = z.strictObject({ id: idInput });
export const participantAccountParams = z.strictObject({ id: idInput, address: addressInput });
export const accountParams = z.strictObject({ address: addressInput });

export const oneQuery = z.strictObject(minBlockQuery);
export const participantQuery = z.strictObject({
  ...listQuery,
  status: status.optional(),
  taxCode: taxCodeInput.optional(),
  capability: z.enum(CAPABILITIES).optional(),
});
export const accountQuery = z.strictObject({ ...listQuery, status: accountStatus.optional() });

const participantAccount = {
  address,
  status: accountStatus,
  managed: z.boolean().describe("True when this service keeps its key."),
};

export const participantSchema = z
  .strictObject({
    id: z.int(),
    taxCode: z.string(),
    name: z.string().nullable().describe("From the public record; null when the service does not know it."),
    status,
    capabilities,
    kycExpiresAt: dateTime,
    documentHash: hash,
    document: publicDocument.nullable(),
    accounts: z.array(z.strictObject(participantAccount)),
    admittedBlock: blockNumber,
    ...onChain,
  })
  .meta({ id: "Participant" });

export const accountSchema = z
  .strictObject({
    ...participantAccount,
    participantId: z.int(),
    successor: address.nullable(),
    proposedSuccessor: address.nullable().describe("What one compliance officer proposed and another has to approve."),
    addedBlock: blockNumber,
    ...onChain,
  })
  .meta({ id: "Account" });

export const participantPage = pageOf(participantSchema);
export const accountPage = pageOf(accountSchema);

export type Participant = z.output<typeof participantSchema>;
export type Account = z.output<typeof accountSchema>;
export type AdmitRequest = z.output<typeof admitBody>;
export type UpdateRequest = z.output<typeof updateBody>;
export type AddAccountRequest = z.output<typeof addAccountBody>;
