import { ApiProblem, problemOf } from "./problem.js";
import type { ReadOptions, WriteOptions } from "./requests.js";
import type { Query, Transport } from "./transport.js";
import type { Operation, Page } from "./types.js";

/** The longest that the service holds an answer back (`Prefer: wait`), in seconds. */
export const MAX_WAIT_SECONDS = 60;

export type Filter = Query & ReadOptions;

/** The reads of a resource that is a list of things with an identity. */
export interface Collection<Item, Filters extends Query> {
  /** One thing. Throws `ApiProblem` with status 404 when there is none. */
  readonly get: (id: string | number, options?: ReadOptions) => Promise<Item>;
  /** One page. */
  readonly list: (filter?: Filters & ReadOptions) => Promise<Page<Item>>;
  /** All pages, one request at a time, as they are needed. */
  readonly all: (filter?: Filters & ReadOptions) => AsyncGenerator<Item, void, undefined>;
}

export function collection<Item, Filters extends Query = Query>(
  send: Transport,
  path: string,
): Collection<Item, Filters> {
  const list = (filter?: Filters & ReadOptions): Promise<Page<Item>> => read(send, path, filter);
  return {
    get: (id, options) => read(send, `${path}/${segment(id)}`, options),
    list,
    all: (filter) => pages(list, filter),
  };
}

/** All items behind a paged list. */
export async function* pages<Item, Filters extends Query>(
  list: (filter?: Filters & ReadOptions) => Promise<Page<Item>>,
  filter?: Filters & ReadOptions,
): AsyncGenerator<Item, void, undefined> {
  let cursor: string | null | undefined = filter?.cursor;
  do {
    const page = await list({ ...(filter ?? {}), ...(cursor ? { cursor } : {}) } as Filters & ReadOptions);
    yield* page.items;
    cursor = page.next;
  } while (cursor !== null);
}

export function read<Answer>(send: Transport, path: string, query?: object): Promise<Answer> {
  return send<Answer>({ method: "GET", path, query: { ...query }, repeatable: true });
}

/** Asks for something to be done. The answer is the operation, as far as it has come; a rejection throws `ApiProblem`. */
export function write(send: Transport, path: string, body: unknown, options?: WriteOptions): Promise<Operation> {
  return change(send, "POST", path, body, options);
}

export function remove(send: Transport, path: string, options?: WriteOptions): Promise<Operation> {
  return change(send, "DELETE", path, undefined, options);
}

async function change(
  send: Transport,
  method: "POST" | "DELETE",
  path: string,
  body: unknown,
  options: WriteOptions = {},
): Promise<Operation> {
  const operation = await send<Operation>({
    method,
    path,
    ...(body === undefined ? {} : { body }),
    headers: {
      // One key for all attempts of this call: a repetition is then the same request, not a second one.
      "idempotency-key": options.idempotencyKey ?? crypto.randomUUID(),
      ...waitHeader(options.waitSeconds),
    },
    repeatable: true,
  });
  return notRejected(operation);
}

/** Waits until the operation is final. Throws `ApiProblem` when it was rejected. */
export async function settle(send: Transport, operation: Operation, timeoutSeconds: number): Promise<Operation> {
  const end = Date.now() + timeoutSeconds * 1000;
  let current = notRejected(operation);
  while (current.status !== "final") {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left <= 0) throw new Error(`Operation ${current.id} is still ${current.status} after ${timeoutSeconds} s`);
    current = await send<Operation>({
      method: "GET",
      path: `/v1/operations/${segment(current.id)}`,
      headers: waitHeader(Math.min(left, MAX_WAIT_SECONDS)),
      repeatable: true,
    });
    notRejected(current);
    // A service that does not hold the answer back must not be asked without a breath between.
    if (current.status !== "final") await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return current;
}

/** The operation, unless it was rejected: then its problem is thrown. */
export function notRejected(operation: Operation): Operation {
  if (operation.status !== "rejected") return operation;
  throw new ApiProblem({ ...(operation.problem ?? problemOf(422, undefined)), operationId: operation.id });
}

/** A value as one segment of a path. */
export function segment(value: string | number | bigint): string {
  return encodeURIComponent(String(value));
}

function waitHeader(waitSeconds: number | undefined): Record<string, string> {
  return waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` };
}
