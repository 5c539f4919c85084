import { createHash } from "node:crypto";
import { beneficiaryOf, factsOf, sentenceOf, tonnesOf, type CertificateRecord } from "./facts.js";
import type { CertificateLinks } from "./metadata.js";
import { qrMatrix } from "./pdf.js";
import { LANGUAGES, WORDS, type Language } from "./words.js";

export interface CertificatePage {
  readonly record: CertificateRecord;
  readonly language: Language;
  /** As addresses of any kind. */
  readonly links: CertificateLinks;
  /** Of this page in a language. */
  pageIn(language: Language): string;
  /** Absolute: what the code says. */
  readonly url: string;
}

const STYLE = `
:root{color-scheme:light;--ink:#1b1f1d;--quiet:#5c6661;--line:#d5dcd8;--accent:#0b5d3b}
*{box-sizing:border-box}
body{margin:0;border-top:10px solid var(--accent);background:#fff;color:var(--ink);font:16px/1.5 "Be Vietnam Pro",system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main,header,footer{max-width:46rem;margin:0 auto;padding:0 1.25rem}
header{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;justify-content:space-between;padding-top:1.25rem;font-size:.875rem}
header strong,a{color:var(--accent)}
nav a,nav span{margin-left:.75rem}
nav span{font-weight:700}
h1{font-size:1.6rem;line-height:1.25;margin:1.5rem 0 .5rem}
.tonnes{color:var(--accent);font-size:2.6rem;font-weight:700;line-height:1.2;margin:0 0 .75rem}
.quiet{color:var(--quiet);font-size:.875rem;margin:0}
.beneficiary{font-size:1.3rem;font-weight:700;margin:0 0 .75rem;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:minmax(8rem,13rem) 1fr;margin:1.5rem 0;font-size:.9375rem}
dt,dd{margin:0;padding:.4rem 0;border-top:1px solid var(--line)}
dt{color:var(--quiet);padding-right:1rem}
dd{overflow-wrap:anywhere}
section{border-top:2px solid var(--accent);padding-top:1rem;display:flex;gap:1.25rem;flex-wrap:wrap}
section>div{flex:1 1 18rem}
h2{color:var(--accent);font-size:1.1rem;margin:0 0 .5rem}
ul{margin:.5rem 0;padding-left:1.2rem}
svg{width:8rem;height:8rem;flex:none}
footer{padding-bottom:2rem}
@media(max-width:34rem){dl{grid-template-columns:1fr}dd{border-top:0;padding-top:0}}
`;

/** What the page may load: its own style, nothing else. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The public page of a certificate: plain HTML that needs no script. Everything in it that others wrote is text. */
export function certificatePage({ record, language, links, pageIn, url }: CertificatePage): string {
  const words = WORDS[language];
  const id = String(record.retirement.id);
  const facts = factsOf(record, language).map(
    ({ key, label, text }) => `<dt>${escaped(label)}</dt><dd id="${key}">${escaped(text)}</dd>`,
  );
  const languages = LANGUAGES.map((other) =>
    other === language
      ? `<span lang="${other}">${WORDS[other].name}</span>`
      : `<a href="${escaped(pageIn(other))}" hreflang="${other}" lang="${other}">${WORDS[other].name}</a>`,
  );
  const downloads = [
    [links.pdf, words.certificatePdf],
    [links.proof, words.proofPack],
    [links.record, words.metadata],
  ].map(([href = "", text = ""]) => `<li><a href="${escaped(href)}">${escaped(text)}</a></li>`);
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escaped(`${words.title} – ${words.number(id)}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><strong>${escaped(words.registry)}</strong><nav>${languages.join("")}</nav></header>
<main>
<h1>${escaped(words.title)}</h1>
<p class="tonnes">${escaped(tonnesOf(record, language))}</p>
<p class="quiet">${escaped(words.onBehalf)}</p>
<p class="beneficiary"><bdi>${escaped(beneficiaryOf(record, language))}</bdi></p>
<p>${escaped(sentenceOf(record, language))}</p>
<dl>
${facts.join("\n")}
</dl>
<section>
${qrImage(url)}
<div>
<h2>${escaped(words.verifyTitle)}</h2>
<p>${escaped(words.verifyOffline)}</p>
<h2>${escaped(words.downloads)}</h2>
<ul>${downloads.join("")}</ul>
</div>
</section>
</main>
<footer><p class="quiet">${escaped(words.number(id))}</p></footer>
</body>
</html>
`;
}

function qrImage(url: string): string {
  const matrix = qrMatrix(url);
  const squares = matrix.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  const size = matrix.length;
  return `<svg viewBox="0 0 ${size} ${size}" role="img" aria-label="QR" shape-rendering="crispEdges"><path d="${squares.join("")}"/></svg>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for HTML, in elements and in quoted attributes. Changes of direction and controls are shown, not obeyed. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "")
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
      /[\t\n\r]/.test(character)
        ? " "
        : `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );
}
