import { z } from "zod";
import { pageOf, pageQuery } from "../http/pagination.js";
import { address, addressInput, dateTime, dateTimeInput, optional } from "../http/primitives.js";
import { API_KEY_SCOPES, INSTITUTIONAL_ROLES } from "../principal.js";

const scope = z.enum(API_KEY_SCOPES);
const role = z.enum(INSTITUTIONAL_ROLES);

export const newApiKeyBody = z.strictObject({
  scope: scope.describe(
    "`participant` acts for one, `role` in one role, `auditor` and `regulator` read everything, `admin` makes keys.",
  ),
  participantId: optional(
    z
      .int()
      .positive()
      .max(2 ** 31 - 1),
  ).describe("For the scope `participant`."),
  role: optional(role).describe("For the scope `role`."),
  account: optional(addressInput).describe("The managed account that signs; its only one when left out."),
  expiresAt: optional(dateTimeInput).describe("From then on the key is worth nothing; never when left out."),
  label: z.string().min(1).max(100),
});

const described = {
  id: z.string(),
  scope,
  participantId: z.int().nullable(),
  role: role.nullable(),
  account: address.nullable(),
  label: z.string(),
  createdAt: dateTime,
  expiresAt: dateTime.nullable().describe("From then on it is worth nothing; null: never."),
};

export const apiKeySchema = z.strictObject({ ...described, revokedAt: dateTime.nullable() }).meta({ id: "ApiKey" });

export const newApiKeySchema = z
  .strictObject({ ...described, key: z.string().describe("The key itself. It is shown this once: keep it.") })
  .meta({ id: "NewApiKey" });

export const apiKeyPage = pageOf(apiKeySchema);
export const apiKeyParams = z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/, "must be a key's id") });
export const apiKeyListQuery = z.strictObject(pageQuery);
export const apiKeyPosition = z.strictObject({ createdAt: dateTime, id: z.string() });
