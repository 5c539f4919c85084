import type { RetirementView } from "../ledger/read/retirements.js";
import { FACT_KEYS, WORDS, type FactKey, type Language, type Words } from "./words.js";

/** All that a certificate says; texts as they are on the chain, or in the public documents behind its hashes. */
export interface CertificateRecord {
  readonly retirement: RetirementView;
  /** Name of the participant whose units they were; null when its document is not known here. */
  readonly retiringEntity: string | null;
  /** From the project's document; null where it says nothing, or is not known here. */
  readonly project: {
    readonly name: string | null;
    readonly programme: string | null;
    readonly methodology: string | null;
  };
  /** Where the certificates are, EIP-55. */
  readonly contract: string;
}

/** One statement of a certificate. */
export interface Fact {
  readonly key: FactKey;
  readonly label: string;
  /** For people, in their language. */
  readonly text: string;
  /** For programs, the same in every language. */
  readonly value: string | number;
}

type Statement = Pick<Fact, "text" | "value"> | null;

/**
 * The facts of a certificate, in the order of `FACT_KEYS`; those that the record leaves open are left out. Metadata, page and PDF are all
 * made of these, so that they cannot say different things.
 */
export function factsOf(record: CertificateRecord, language: Language): Fact[] {
  const words = WORDS[language];
  const statements = statementsOf(record, language, words);
  return FACT_KEYS.flatMap((key) => {
    const statement = statements[key];
    return statement === null ? [] : [{ key, label: words.labels[key], ...statement }];
  });
}

function statementsOf(record: CertificateRecord, language: Language, words: Words): Record<FactKey, Statement> {
  const { retirement, project, contract } = record;
  const retiredAt = isoOf(retirement.retiredAt);
  return {
    retirementId: plain(String(retirement.id)),
    retiredAt: { text: timeText(retiredAt, language), value: retiredAt },
    tonnes: { text: words.tonnes(grouped(retirement.tonnes, words)), value: String(retirement.tonnes) },
    retiringEntity: plain(record.retiringEntity),
    beneficiary:
      retirement.beneficiary === ""
        ? { text: words.naturalPerson, value: WORDS.en.naturalPerson }
        : plain(retirement.beneficiary),
    beneficiaryId: plain(retirement.beneficiaryId),
    beneficiaryCommitment: plain(retirement.beneficiaryCommitment),
    purpose: { text: words.purposes[retirement.purpose], value: retirement.purpose },
    reason: plain(retirement.reason),
    details: plain(retirement.details),
    consumptionCountry: countryOf(retirement.consumptionCountry, language),
    consumptionPeriod: periodOf(retirement, language, words),
    project: plain(retirement.project),
    projectName: plain(project.name),
    programme: plain(project.programme),
    methodology: plain(project.methodology),
    vintage: { text: String(retirement.vintage), value: retirement.vintage },
    batch: plain(retirement.batch),
    serialBlocks: {
      text: retirement.blocks.map(({ start, end }) => (start === end ? `${start}` : `${start}–${end}`)).join(", "),
      value: retirement.blocks.map(({ start, end }) => `${start}-${end}`).join(", "),
    },
    account: plain(retirement.account),
    contract: plain(contract),
    recordHash: plain(retirement.recordHash),
    transaction: plain(retirement.txHash),
    block: plain(String(retirement.blockNumber)),
  };
}

/** On whose behalf, as a headline. */
export function beneficiaryOf({ retirement }: CertificateRecord, language: Language): string {
  return retirement.beneficiary === "" ? WORDS[language].naturalPerson : retirement.beneficiary;
}

/** How much, as a headline. */
export function tonnesOf({ retirement }: CertificateRecord, language: Language): string {
  return WORDS[language].tonnes(grouped(retirement.tonnes, WORDS[language]));
}

/** That it is final, and by whom. */
export function sentenceOf({ retiringEntity }: CertificateRecord, language: Language): string {
  const words = WORDS[language];
  return words.forGood(retiringEntity ?? words.unknownEntity);
}

function plain(text: string | null): Statement {
  return text === null || text === "" ? null : { text, value: text };
}

function grouped(count: bigint, { thousands }: Words): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, thousands);
}

function periodOf(retirement: RetirementView, language: Language, words: Words): Statement {
  const { consumptionPeriodStart: start, consumptionPeriodEnd: end } = retirement;
  if (start === null || end === null) return null;
  return { text: words.period(dayText(start, language), dayText(end, language)), value: `${start} to ${end}` };
}

function countryOf(code: string | null, language: Language): Statement {
  if (code === null) return null;
  const name = new Intl.DisplayNames([language], { type: "region", fallback: "none" }).of(code);
  return { text: name === undefined ? code : `${name} (${code})`, value: code };
}

/** @param day `YYYY-MM-DD` */
function dayText(day: string, language: Language): string {
  const [year = "", month = "", date = ""] = day.split("-");
  return language === "en" ? day : `${date}/${month}/${year}`;
}

/** @param iso In UTC. */
function timeText(iso: string, language: Language): string {
  return `${dayText(iso.slice(0, 10), language)} ${iso.slice(11, 19)} UTC`;
}

/** The last second that a four-digit year can name: what lies beyond is shown as this. */
const LAST_SECOND = 253_402_300_799n;

function isoOf(seconds: bigint): string {
  return new Date(Number(seconds > LAST_SECOND ? LAST_SECOND : seconds) * 1_000).toISOString();
}
