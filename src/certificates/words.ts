import type { Purpose } from "../chain/event-types.js";

/** The languages of certificates, the first one when nobody asks for another. */
export const LANGUAGES = ["vi", "en", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What a certificate says, in the order in which it says it. */
export const FACT_KEYS = [
  "retirementId",
  "retiredAt",
  "tonnes",
  "retiringEntity",
  "beneficiary",
  "beneficiaryId",
  "beneficiaryCommitment",
  "purpose",
  "reason",
  "details",
  "consumptionCountry",
  "consumptionPeriod",
  "project",
  "projectName",
  "programme",
  "methodology",
  "vintage",
  "batch",
  "serialBlocks",
  "account",
  "contract",
  "recordHash",
  "transaction",
  "block",
] as const;
export type FactKey = (typeof FACT_KEYS)[number];

export interface Words {
  /** As the language calls itself. */
  readonly name: string;
  readonly title: string;
  readonly registry: string;
  readonly labels: Readonly<Record<FactKey, string>>;
  readonly purposes: Readonly<Record<Purpose, string>>;
  /** In place of the name that is not on the chain. */
  readonly naturalPerson: string;
  readonly unknownEntity: string;
  /** Between thousands. */
  readonly thousands: string;
  readonly tonnes: (count: string) => string;
  readonly number: (id: string) => string;
  readonly period: (start: string, end: string) => string;
  readonly page: (page: number, pages: number) => string;
  readonly forGood: (entity: string) => string;
  readonly onBehalf: string;
  readonly verifyTitle: string;
  readonly verifyOnline: string;
  readonly verifyOffline: string;
  readonly escapes: string;
  readonly downloads: string;
  readonly certificatePdf: string;
  readonly proofPack: string;
  readonly metadata: string;
}

export const WORDS: Readonly<Record<Language, Words>> = {
  vi: {
    name: "Tiếng Việt",
    title: "Giấy chứng nhận sử dụng vĩnh viễn tín chỉ các-bon",
    registry: "Sổ cái các-bon",
    labels: {
      retirementId: "Số chứng nhận",
      retiredAt: "Thời điểm sử dụng",
      tonnes: "Khối lượng",
      retiringEntity: "Tổ chức sử dụng",
      beneficiary: "Bên thụ hưởng",
      beneficiaryId: "Mã số bên thụ hưởng",
      beneficiaryCommitment: "Cam kết về bên thụ hưởng",
      purpose: "Mục đích",
      reason: "Lý do",
      details: "Chi tiết",
      consumptionCountry: "Quốc gia tiêu thụ",
      consumptionPeriod: "Kỳ tiêu thụ",
      project: "Mã dự án",
      projectName: "Tên dự án",
      programme: "Chương trình",
      methodology: "Phương pháp luận",
      vintage: "Năm phát sinh",
      batch: "Lô tín chỉ",
      serialBlocks: "Số sê-ri",
      account: "Tài khoản",
      contract: "Hợp đồng chứng nhận",
      recordHash: "Mã băm của bản ghi",
      transaction: "Giao dịch",
      block: "Khối",
    },
    purposes: { voluntary: "Tự nguyện", compliance: "Tuân thủ nghĩa vụ", corsia: "CORSIA", other: "Khác" },
    naturalPerson: "Một cá nhân (chỉ ghi cam kết, không ghi tên)",
    unknownEntity: "Thành viên chưa công bố tên",
    thousands: ".",
    tonnes: (count) => `${count} tấn CO₂e`,
    number: (id) => `Số ${id}`,
    period: (start, end) => `từ ${start} đến ${end}`,
    page: (page, pages) => `Trang ${page}/${pages}`,
    forGood: (entity) =>
      `${entity} đã sử dụng vĩnh viễn số tín chỉ này: không ai có thể chuyển nhượng hay sử dụng chúng thêm lần nữa.`,
    onBehalf: "Thay mặt cho",
    verifyTitle: "Kiểm tra giấy chứng nhận này",
    verifyOnline: "Trực tuyến: quét mã hoặc mở",
    verifyOffline:
      "Không cần mạng: tệp PDF mang theo bằng chứng của chính nó. Lệnh “carbon verify” đối chiếu tệp với danh sách khóa mà bạn tin cậy và từ chối tệp nếu chỉ một byte bị thay đổi. Bản in chỉ để xem.",
    escapes: "[U+…] thay cho ký tự mà phông chữ không có; bằng chứng giữ nguyên văn.",
    downloads: "Tải về",
    certificatePdf: "Giấy chứng nhận (PDF)",
    proofPack: "Gói bằng chứng (JSON)",
    metadata: "Siêu dữ liệu ERC-721 (JSON)",
  },
  en: {
    name: "English",
    title: "Carbon credit retirement certificate",
    registry: "Carbon ledger",
    labels: {
      retirementId: "Certificate number",
      retiredAt: "Retired at",
      tonnes: "Tonnes CO2e",
      retiringEntity: "Retiring entity",
      beneficiary: "Beneficiary",
      beneficiaryId: "Beneficiary id",
      beneficiaryCommitment: "Beneficiary commitment",
      purpose: "Purpose",
      reason: "Reason",
      details: "Details",
      consumptionCountry: "Consumption country",
      consumptionPeriod: "Consumption period",
      project: "Project",
      projectName: "Project name",
      programme: "Programme",
      methodology: "Methodology",
      vintage: "Vintage",
      batch: "Batch",
      serialBlocks: "Serial blocks",
      account: "Account",
      contract: "Certificate contract",
      recordHash: "Record hash",
      transaction: "Transaction",
      block: "Block",
    },
    purposes: { voluntary: "Voluntary", compliance: "Compliance", corsia: "CORSIA", other: "Other" },
    naturalPerson: "A natural person (commitment only, no name)",
    unknownEntity: "A participant whose name is not published here",
    thousands: ",",
    tonnes: (count) => `${count} t CO₂e`,
    number: (id) => `No. ${id}`,
    period: (start, end) => `${start} to ${end}`,
    page: (page, pages) => `Page ${page} of ${pages}`,
    forGood: (entity) =>
      `${entity} has retired these credits for good: nobody can transfer them, or use them a second time.`,
    onBehalf: "On behalf of",
    verifyTitle: "Check this certificate",
    verifyOnline: "Online: scan the code, or open",
    verifyOffline:
      "Offline: the PDF carries its own proof. “carbon verify” holds the file against the list of keys that you trust, and refuses it if a single byte was changed. A print-out is for reading only.",
    escapes: "[U+…] stands for a character that the typeface lacks; the proof has the exact text.",
    downloads: "Downloads",
    certificatePdf: "Certificate (PDF)",
    proofPack: "Proof pack (JSON)",
    metadata: "ERC-721 metadata (JSON)",
  },
  fr: {
    name: "Français",
    title: "Certificat de retrait de crédits carbone",
    registry: "Registre carbone",
    labels: {
      retirementId: "Numéro du certificat",
      retiredAt: "Date du retrait",
      tonnes: "Quantité",
      retiringEntity: "Entité qui retire",
      beneficiary: "Bénéficiaire",
      beneficiaryId: "Identifiant du bénéficiaire",
      beneficiaryCommitment: "Engagement sur le bénéficiaire",
      purpose: "Finalité",
      reason: "Motif",
      details: "Précisions",
      consumptionCountry: "Pays de consommation",
      consumptionPeriod: "Période de consommation",
      project: "Projet",
      projectName: "Nom du projet",
      programme: "Programme",
      methodology: "Méthodologie",
      vintage: "Millésime",
      batch: "Lot",
      serialBlocks: "Numéros de série",
      account: "Compte",
      contract: "Contrat des certificats",
      recordHash: "Empreinte de l’enregistrement",
      transaction: "Transaction",
      block: "Bloc",
    },
    purposes: { voluntary: "Volontaire", compliance: "Conformité", corsia: "CORSIA", other: "Autre" },
    naturalPerson: "Une personne physique (engagement seul, sans nom)",
    unknownEntity: "Un participant dont le nom n’est pas publié ici",
    thousands: "\u00a0",
    tonnes: (count) => `${count}\u00a0t CO₂e`,
    number: (id) => `N° ${id}`,
    period: (start, end) => `du ${start} au ${end}`,
    page: (page, pages) => `Page ${page} sur ${pages}`,
    forGood: (entity) =>
      `${entity} a retiré définitivement ces crédits : plus personne ne peut les céder ni les utiliser une seconde fois.`,
    onBehalf: "Pour le compte de",
    verifyTitle: "Vérifier ce certificat",
    verifyOnline: "En ligne : scannez le code ou ouvrez",
    verifyOffline:
      "Hors ligne : le PDF contient sa propre preuve. « carbon verify » confronte le fichier à la liste des clés auxquelles vous faites confiance et le refuse si un seul octet a changé. Une impression n’est qu’une copie de lecture.",
    escapes: "[U+…] remplace un caractère absent de la police ; la preuve contient le texte exact.",
    downloads: "Téléchargements",
    certificatePdf: "Certificat (PDF)",
    proofPack: "Preuve (JSON)",
    metadata: "Métadonnées ERC-721 (JSON)",
  },
};
