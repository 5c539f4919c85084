import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export interface HttpServer {
  /** As `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Takes no new connection, lets those under way finish for so long, then cuts them. */
  close(graceMilliseconds: number): Promise<void>;
}

/** A head must arrive within 10 s and a request within 30 s; an answer may take as long as `Prefer: wait` asks. */
const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 30_000;

/** Resolves when the port is open. @throws the system's error, as EADDRINUSE */
export async function listen(app: RequestListener, at: { host: string; port: number }): Promise<HttpServer> {
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT, requestTimeout: REQUEST_TIMEOUT }, app);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    async close(graceMilliseconds) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
      await closed;
      clearTimeout(cut);
    },
  };
}
