import { z } from "zod";
import { minBlockQuery } from "./pagination.js";
import type { Reply, Route, RouteRequest } from "./route.js";

/**
 * Lets every read take `minBlock`, so that none can forget it: whoever knows that a block is on the chain can wait for it anywhere. A
 * route that does not ask for it never sees it; the wait is over before it is called. Streams go on, and need none.
 */
export function takingMinBlock(route: Route): Route {
  const { query } = route;
  if (route.method !== "get" || route.events !== undefined || query?.shape["minBlock"] !== undefined) return route;
  return {
    ...route,
    query: (query ?? z.strictObject({})).safeExtend(minBlockQuery),
    handle(request: RouteRequest<never, { minBlock?: bigint }, never>): Promise<Reply> {
      const { minBlock: _, ...own } = request.query;
      return route.handle({ ...request, query: (query === undefined ? undefined : own) as never });
    },
  };
}
