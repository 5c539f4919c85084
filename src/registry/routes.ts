import type { OperationsPort } from "../http/act.js";
import type { Route } from "../http/route.js";
import { batchRoutes } from "./batch-routes.js";
import { bufferRoutes } from "./buffer-routes.js";
import { issuanceRoutes } from "./issuance-routes.js";
import { projectRoutes } from "./project-routes.js";
import type { RegistryService } from "./service.js";
import { statementRoutes } from "./statement-routes.js";

export function registryRoutes(registry: RegistryService, operations: OperationsPort): Route[] {
  return [
    ...projectRoutes(registry.projects, operations),
    ...statementRoutes(registry.statements, operations),
    ...issuanceRoutes(registry.issuances, operations),
    ...batchRoutes(registry.batches, operations),
    ...bufferRoutes(registry.bufferAccount, operations),
  ];
}
