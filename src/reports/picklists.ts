/**
 * Values that the CAD Trust data model 2.0.2 takes, as of its snapshot of 2026-06-30. A node of CAD Trust knows the living lists:
 * `GET /v2/governance/meta/pickList`.
 */

export const PROJECT_SECTORS = [
  "Afforestation and reforestation",
  "Agriculture",
  "Any combination of the above",
  "Carbon capture and storage",
  "Chemical industries",
  "Construction",
  "Energy demand",
  "Energy distribution",
  "Energy industries (renewable-/ non renewable sources)",
  "Fugitive emissions from fuel (solid, oil and gas)",
  "Fugitive emissions from the production and consumption of halocarbons and sulfur hexafluoride",
  "Livestock and manure management",
  "Manufacturing industries",
  "Metal production",
  "Mining/mineral production",
  "Others",
  "Solvent use",
  "Transport",
  "Urban Development",
  "Waste handling and disposal",
] as const;
export type ProjectSector = (typeof PROJECT_SECTORS)[number];

/** Of authorisations: one more than of projects. */
export const AUTHORISATION_SECTORS = [...PROJECT_SECTORS, "Agriculture forestry and other land use (AFOLU)"] as const;

const SHARED_TYPES = [
  "Afforestation",
  "Agriculture",
  "Any combination of the above",
  "Biogas",
  "Biomass Energy",
  "CO2 usage",
  "Cement",
  "Coal bed/mine methane",
  "Energy Efficiency Industry",
  "Energy Efficiency households",
  "Energy Efficiency own generation",
  "Energy Efficiency service",
  "Energy Efficiency supply side",
  "Energy distribution",
  "Fugitive",
  "Geothermal",
  "Hydro",
  "Landfill gas",
  "Methane avoidance",
  "N2O",
  "PFCs and SF6",
  "Reforestation",
  "Solar",
  "Tidal",
  "Transport",
  "Waste",
  "Wind",
] as const;

export const PROJECT_TYPES = [...SHARED_TYPES, "Agriculture, forestry and other land use (AFOLU)"] as const;
export type ProjectType = (typeof PROJECT_TYPES)[number];

/** Of authorisations. */
export const ACTIVITY_TYPES = [...SHARED_TYPES, "Fossil fuel switch"] as const;

export const CAD_PROJECT_STATUSES = [
  "Certified",
  "Completed",
  "Inactive",
  "Listed",
  "Registered",
  "Rejected",
  "Validated",
  "Verified",
  "Withdrawn",
] as const;

export const UNIT_METRICS = ["gCO2eq/kWh", "kt (Kiloton)", "tCO2e"] as const;

/** Of units, and of methodologies. */
export const UNIT_TYPES = [
  "Avoidance - nature",
  "Avoidance - technical",
  "Not Determined",
  "Reduction - nature",
  "Reduction - technical",
  "Removal - nature",
  "Removal - technical",
] as const;
export type UnitType = (typeof UNIT_TYPES)[number];

export const UNIT_STATUSES = [
  "Buffer",
  "Cancelled",
  "Expired",
  "Held",
  "Inactive",
  "Issued",
  "Rejected",
  "Retired",
] as const;
export type UnitStatus = (typeof UNIT_STATUSES)[number];

export const STAKEHOLDER_TYPES = ["Consultant", "Developer", "Owner"] as const;

export const LABEL_TYPES = [
  "Article 6 - Authorisation",
  "Article 6 - Endorsement",
  "Article 6 - Letter of Approvals",
  "Article 6 - Letter of Qualification",
  "Certification",
] as const;

export const VALIDATION_TYPES = [
  "Validation of Post Registration Change",
  "Validation of Project Design Document",
  "Validation of Renewal of Credit Period",
] as const;

/** Who validates projects, and who verifies what they claim. */
export const VALIDATION_BODIES = [
  "350 Solutions",
  "4K Earth Science Private Limited",
  "AENOR International S.A.U.",
  "Agri-Waste Technology Inc.",
  "Ampere For Renewable Energy",
  "Asociación de Normalización y Certificación A.C.",
  "Aster Global Environmental Solutions Inc.",
  "Bureau Veritas India Private Limited",
  "CGN Certification",
  "Carbon Check (India) Private Limited",
  "China Building Material Test & Certification Group Co. Limited",
  "China Certification Center Inc.",
  "China Classification Society Certification Co. Limited",
  "China Environmental United Certification Center Co. Limited",
  "China Quality Certification Center",
  "China Testing & Certification International Group Co. Limited",
  "Colombian Institute for Technical Standards and Certification",
  "Control Union Certifications Germany GmbH",
  "Deloitte Tohmatsu Sustainability Co. Limited",
  "Det Norske Veritas (U.S.A.) Inc.",
  "Deutsche Certification Body",
  "EPIC Sustainability Services Private Limited",
  "ERM Certification and Verification Services Limited",
  "Earthood Services Private Limited",
  "EnergyLink Services",
  "Enviance Services Private",
  "Enviro-Accès Inc.",
  "Environmental Services Inc.",
  "First Environment Inc.",
  "GHD Limited",
  "GHD Services Inc.",
  "Japan Quality Assurance Organisation",
  "KBS Certification Services Private Limited",
  "KPMG International Limited",
  "Korea Energy Agency",
  "Korea Testing & Research Institute",
  "Korean Foundation for Quality",
  "Korean Standards Association",
  "LGAI Technological Center S.A.",
  "PT Superintending Company of Indonesia (PT SUCOFINDO) - SBU Sertifikasi da Eco Framework (Sucofindo International Certification Services)",
  "QSI Belgelendirme Muayene Ve Test Hizmetleri Limited Şti.",
  "RINA Services S.p.A",
  "Rainforest Alliance Inc.",
  "Re Carbon Limited",
  "Ruby Canyon Environmental Inc",
  "S&A Carbon LLC",
  "SCS Global Services",
  "SQS (The Swiss Association for Quality and Management Systems)",
  "Shenzhen CTI International Certification Co. Limited",
  "The Earth Lab",
  "TÜV Nord Cert GmbH",
  "TÜV Rheinland (China) Limited",
  "TÜV SÜD America Inc. - Ruby Canyon",
  "TÜV SÜD South Asia Private Limited",
  "VKU Certification Private Limited",
  "Verico SCE",
  "Verifit",
  "Versa Expertos en Certificación",
] as const;

/** The model calls greenhouse gases GHC. */
export const AEF_METRICS = ["GHC", "Non-GHG"] as const;
export const AEF_PURPOSES = ["IMP", "NDC", "NDC and IMP", "NDC and OIMP", "NDC and OP", "OIMP", "OP"] as const;
export type AefPurpose = (typeof AEF_PURPOSES)[number];
export const AEF_FIRST_TRANSFERS = [
  "Authorization",
  "First international transfer",
  "Issuance",
  "Use or cancellation",
] as const;
export const AEF_ACTIONS = [
  "Acquisition",
  "Authorization",
  "Cancellation",
  "First Transfer",
  "Transfer",
  "Use",
] as const;
export const AEF_MITIGATIONS = ["Emission reductions", "Removals"] as const;
