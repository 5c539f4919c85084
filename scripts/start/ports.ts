import { createServer } from "node:net";

/** A port that is needed cannot be had. */
export class PortError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PortError";
  }
}

/**
 * Says so before anything is done that takes time. Port 0, any free one, is always free.
 * @throws PortError
 */
export async function requireFreePort(host: string, port: number, what: string, remedy: string): Promise<void> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    throw new PortError(`${what} cannot listen on ${host}:${port}: ${reasonOf(error)}. ${remedy}`);
  }
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "something else listens there";
  if (code === "EACCES") return "the system does not allow it";
  return error instanceof Error ? error.message : String(error);
}
