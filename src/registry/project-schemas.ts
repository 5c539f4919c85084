import { z } from "zod";
import { PROJECT_STATUSES } from "../chain/event-types.js";
import { listQuery, pageOf } from "../http/pagination.js";
import { code, codeInput, hash, idInput, onChain, publicDocument } from "../http/primitives.js";
import { documentInput } from "./schemas.js";

const [, ...KNOWN_STATUSES] = PROJECT_STATUSES;
const projectStatus = z.enum(KNOWN_STATUSES);

export const projectSchema = z
  .strictObject({
    code,
    ownerId: z.int().describe("The participant who develops it."),
    status: projectStatus,
    bufferBasisPoints: z.int().describe("Share of each issuance that is set aside against reversal, in basis points."),
    name: z.string().nullable().describe("From the document; null when this service does not know it."),
    documentHash: hash,
    document: publicDocument.nullable(),
    ...onChain,
  })
  .meta({ id: "Project" });

export const projectPage = pageOf(projectSchema);

export const projectQuery = z.strictObject({
  ...listQuery,
  status: projectStatus.optional(),
  ownerId: idInput.optional(),
});

export const newProjectBody = z.strictObject({
  code: codeInput,
  ownerId: z
    .int()
    .positive()
    .max(2 ** 32 - 1),
  bufferBasisPoints: z.int().nonnegative().max(10_000),
  document: documentInput.describe("Name, programme, number in its registry, methodology and whatever else is public."),
});

export const projectStatusBody = z.strictObject({ status: projectStatus });
export const projectDocumentBody = z.strictObject({ document: documentInput });
