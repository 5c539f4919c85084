import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";

import { factsOf, type CertificateRecord } from "../../../src/certificates/facts.js";
import { metadataOf } from "../../../src/certificates/metadata.js";
import { certificatePage, PAGE_POLICY } from "../../../src/certificates/page.js";
import { LANGUAGES, WORDS, type Language } from "../../../src/certificates/words.js";
import { HOSTILE_TEXTS, recordOf } from "./record.js";

const LINKS = { page: "/page", pdf: "/pdf?a=1&b=2", proof: "/proof", record: "/record" };

function pageOf(record: CertificateRecord, language: Language = "vi"): string {
  const pageIn = (other: Language) => `/page?language=${other}`;
  return certificatePage({ record, language, links: LINKS, pageIn, url: "https://ledger.example/page" });
}

/** What a reader sees in the list of facts. */
function shown(html: string): [string, string][] {
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  const plain = (text: string) => text.replace(/&(\w+|#\d+);/g, (_, name: string) => entities[name] ?? "?");
  return [...html.matchAll(/<dt>(.*?)<\/dt><dd id="\w+">(.*?)<\/dd>/gs)].map(([, label = "", text = ""]) => [
    plain(label),
    plain(text),
  ]);
}

describe("the page of a certificate", () => {
  it.each(LANGUAGES)("should say in %s what the PDF says", (language) => {
    const facts = factsOf(recordOf(), language);
    const html = pageOf(recordOf(), language);
    expect(shown(html)).toEqual(facts.map(({ label, text }) => [label, text]));
    expect(html).toContain(`<html lang="${language}">`);
    for (const other of LANGUAGES) expect(html).toContain(WORDS[other].name);
    expect(html).toContain('href="/pdf?a=1&amp;b=2"');
  });

  it.each(Object.entries(HOSTILE_TEXTS))(
    "given %s in its texts, it should show text and nothing else",
    (_name, text) => {
      const html = pageOf(recordOf({ beneficiary: text, reason: text, details: text }));
      expect(html).not.toContain("<script");
      expect(html).not.toMatch(/[^\P{C}\n]/u);
      expect(html.match(/<[a-z][^>]*>/g)?.length).toBe(pageOf(recordOf()).match(/<[a-z][^>]*>/g)?.length);
    },
  );

  it("should be allowed its own style only", () => {
    const style = /<style>(.*?)<\/style>/s.exec(pageOf(recordOf()))?.[1] ?? "";
    expect(PAGE_POLICY).toContain(`'sha256-${createHash("sha256").update(style).digest("base64")}'`);
    expect(PAGE_POLICY).toMatch(/^default-src 'none'/);
    expect(pageOf(recordOf())).not.toMatch(/ style=| on\w+=|https?:\/\/(?!ledger)/);
  });
});

describe("metadata of a certificate", () => {
  it("should have the facts of page and PDF, each with its plain value", () => {
    const { attributes } = metadataOf(recordOf(), LINKS);
    const facts = factsOf(recordOf(), "en");
    expect(attributes).toEqual(facts.map(({ label, value }) => ({ trait_type: label, value })));
    expect(attributes).toContainEqual({ trait_type: "Tonnes CO2e", value: "1234567" });
    expect(attributes).toContainEqual({ trait_type: "Serial blocks", value: "1-1000, 2001-1235566, 2000000-2000000" });
  });

  it("should have the same values in every language", () => {
    const values = LANGUAGES.map((language) => factsOf(recordOf(), language).map(({ key, value }) => [key, value]));
    expect(values[1]).toEqual(values[0]);
    expect(values[2]).toEqual(values[0]);
  });

  it("should leave out what the record leaves open", () => {
    const record = recordOf({ reason: "", details: "", consumptionCountry: null, consumptionPeriodStart: null });
    const keys = factsOf({ ...record, project: { name: null, programme: null, methodology: null } }, "en").map(
      ({ key }) => key,
    );
    for (const absent of [
      "reason",
      "details",
      "consumptionCountry",
      "consumptionPeriod",
      "projectName",
      "beneficiaryCommitment",
    ])
      expect(keys).not.toContain(absent);
  });
});
