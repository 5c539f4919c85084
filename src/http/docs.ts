import { createRequire } from "node:module";
import { dirname } from "node:path";
import express, { Router } from "express";

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Carbon ledger: API reference</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="icon" href="/docs/favicon-32x32.png" />
  </head>
  <body>
    <div id="reference"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `window.SwaggerUIBundle({ url: "/v1/openapi.json", dom_id: "#reference", deepLinking: true, docExpansion: "list" });
`;

/** The page needs its own scripts, and inline styles that the viewer sets; nothing from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

const FILES = new Set(["/swagger-ui.css", "/swagger-ui-bundle.js", "/favicon-32x32.png"]);

/** The rendered API reference, served from the installed viewer: nothing is fetched from another host. */
export function docsRouter(): Router {
  const router = Router();
  const directory = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  const files = express.static(directory, { index: false, immutable: true, maxAge: "1h" });

  router.use((_request, response, next) => {
    response.set("content-security-policy", POLICY);
    next();
  });
  router.get("/", (_request, response) => void response.type("html").send(PAGE));
  router.get("/start.js", (_request, response) => void response.type("js").send(START));
  router.use((request, response, next) => {
    if (FILES.has(request.path)) files(request, response, next);
    else next();
  });
  return router;
}
