import type { CertificateRecord } from "../../../src/certificates/facts.js";
import type { RetirementView } from "../../../src/ledger/read/retirements.js";

/** A record with every field filled, but for what the test says otherwise. */
export function recordOf(differences: Partial<RetirementView> = {}): CertificateRecord {
  return {
    retirement: {
      id: 12n,
      batch: "VN-VCS-1975-2020-01",
      project: "VCS-1975",
      vintage: 2020,
      tonnes: 1_234_567n,
      blocks: [
        { start: 1n, end: 1_000n },
        { start: 2_001n, end: 1_235_566n },
        { start: 2_000_000n, end: 2_000_000n },
      ],
      account: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
      participantId: 3,
      beneficiary: "Công ty cổ phần Thép Đà Nẵng",
      beneficiaryId: "0400101549",
      beneficiaryCommitment: null,
      purpose: "voluntary",
      reason: "Trung hòa các-bon năm 2024",
      details: "Bù đắp phát thải; những chữ khó: ặ ẫ ỗ ữ ợ Ặ Ẫ Ỗ Ữ Ợ ỵ Ỹ đ Đ",
      consumptionCountry: "VN",
      consumptionPeriodStart: "2024-01-01",
      consumptionPeriodEnd: "2024-12-31",
      retiredAt: 1_735_660_800n,
      recordHash: `0x${"a1".repeat(32)}`,
      intentHash: null,
      txHash: `0x${"c3".repeat(32)}`,
      blockNumber: 4_711n,
      logIndex: 1,
      ...differences,
    },
    retiringEntity: "Công ty TNHH MTV Xi măng Xuân Thành Quảng Nam",
    project: { name: "Hong Phong 4 Solar 48 MW Project", programme: "Verra VCS", methodology: "ACM0002" },
    contract: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
  };
}

/** What nobody would write on a certificate, but somebody may. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  markup: `<script>alert(1)</script>&amp;"'()\\`,
  pdf: ") Tj ET endstream endobj %%EOF\nxref\n0 1\nstartxref\n0\n%%EOF",
  "seal in a text": '%carbon-ledger-seal/1 {"digest":"0x00"}',
  "thousand bytes": "W".repeat(1_000),
  "thousand line breaks": "\n".repeat(1_000),
  emoji: "🌳🌏👩‍🌾".repeat(30),
  "no character at all": "\ufffd\u0001\u0007\u200b\ufeff",
  "right to left": "\u202eevitcerid\u202c \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
  "marks on marks": `e${"\u0301".repeat(300)}`,
  "decomposed Vietnamese": "Đa\u0300 Na\u0306\u0303ng",
  "half of a pair": "\ud83c",
};
