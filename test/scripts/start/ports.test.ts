import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";

import { PortError, requireFreePort } from "../../../scripts/start/ports.js";

describe("A port that is needed", () => {
  it("is asked for before anything else is done, and left free", async () => {
    await requireFreePort("127.0.0.1", 0, "The API", "");
  });

  it("is refused with what to do when something listens there", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;

    const attempt = requireFreePort("127.0.0.1", port, "The API", "Give another.");

    await expect(attempt).rejects.toThrow(PortError);
    await expect(requireFreePort("127.0.0.1", port, "The API", "Give another.")).rejects.toThrow(
      /something else listens.*Give another/,
    );
    server.close();
  });
});
