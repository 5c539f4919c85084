import { defineAct, type OperationsPort } from "../http/act.js";
import { isoTime, madeBy } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { capabilitiesOf, capabilityBits } from "./capabilities.js";
import {
  accountPage,
  accountParams,
  accountQuery,
  accountSchema,
  addAccountBody,
  admitBody,
  emptyBody,
  oneQuery,
  participantAccountParams,
  participantPage,
  participantParams,
  participantQuery,
  participantSchema,
  reasonBody,
  recoveryBody,
  replacementBody,
  updateBody,
  type Account,
  type Participant,
} from "./schemas.js";
import type { KnownParticipant, ManagedAccountView, Participants } from "./service.js";

const TAG = "Participants";
const REGISTRAR = { roles: ["registrar"] } as const;
const COMPLIANCE = { roles: ["compliance-officer"] } as const;

export function participantRoutes(participants: Participants, operations: OperationsPort): Route[] {
  return [
    ...readRoutes(participants),
    ...participantActs(participants, operations),
    ...accountActs(participants, operations),
    ...replacementActs(participants, operations),
  ];
}

function readRoutes(participants: Participants): Route[] {
  return [
    defineRoute({
      method: "get",
      path: "/participants",
      summary: "Participants, by number",
      tag: TAG,
      access: "public",
      query: participantQuery,
      answers: { 200: { description: "A page.", schema: participantPage } },
      async handle({ query }) {
        const { status, taxCode, capability, limit, cursor } = query;
        const capabilities = capability === undefined ? undefined : capabilityBits([capability]);
        const page = await participants.list({ status, taxCode, capabilities }, { limit, cursor });
        return ok({ items: page.items.map(participantJson), next: page.next });
      },
    }),
    defineRoute({
      method: "get",
      path: "/participants/{id}",
      summary: "A participant",
      tag: TAG,
      access: "public",
      params: participantParams,
      query: oneQuery,
      answers: { 200: { description: "The participant.", schema: participantSchema } },
      handle: async ({ params }) => ok(participantJson(await participants.get(params.id))),
    }),
    defineRoute({
      method: "get",
      path: "/participants/{id}/accounts",
      summary: "A participant's accounts, by address",
      tag: TAG,
      access: "public",
      params: participantParams,
      query: accountQuery,
      answers: { 200: { description: "A page.", schema: accountPage } },
      async handle({ params, query: { status, limit, cursor } }) {
        const page = await participants.accounts({ participantId: params.id, status }, { limit, cursor });
        return ok({ items: page.items.map(accountJson), next: page.next });
      },
    }),
    defineRoute({
      method: "get",
      path: "/accounts/{address}",
      summary: "An account: whose it is, or was",
      tag: TAG,
      access: "public",
      params: accountParams,
      query: oneQuery,
      answers: { 200: { description: "The account.", schema: accountSchema } },
      handle: async ({ params }) => ok(accountJson(await participants.account(params.address))),
    }),
  ];
}

function participantActs(participants: Participants, operations: OperationsPort): Route[] {
  return [
    defineAct(operations, {
      path: "/participants",
      summary: "Admit a participant with its first account",
      description: "The account is one that the firm controls, or a managed one.",
      tag: TAG,
      access: REGISTRAR,
      body: admitBody,
      problems: ["participants-tax-code-taken", "participants-account-taken", "participants-kyc-expired"],
      perform: (request) => participants.admit(request, request.body),
    }),
    defineAct(operations, {
      path: "/participants/{id}/update",
      summary: "Renew due diligence, or change capabilities or the public record",
      tag: TAG,
      access: REGISTRAR,
      params: participantParams,
      body: updateBody,
      problems: ["not-found", "participants-status-invalid", "participants-kyc-expired"],
      perform: (request) => participants.update(request, request.params.id, request.body),
    }),
    defineAct(operations, {
      path: "/participants/{id}/suspend",
      summary: "Stop all that a participant could do",
      description: "Its holdings stay where they are.",
      tag: TAG,
      access: COMPLIANCE,
      params: participantParams,
      body: reasonBody,
      problems: ["not-found", "participants-status-invalid"],
      perform: (request) => participants.suspend(request, request.params.id, request.body.reason),
    }),
    defineAct(operations, {
      path: "/participants/{id}/reinstate",
      summary: "Lift a suspension",
      tag: TAG,
      access: COMPLIANCE,
      params: participantParams,
      body: emptyBody,
      problems: ["not-found", "participants-status-invalid"],
      perform: (request) => participants.reinstate(request, request.params.id),
    }),
    defineAct(operations, {
      path: "/participants/{id}/close",
      summary: "End a participation, for good",
      description: "Not as long as it has money, or anything on the exchange: nobody could move that any more.",
      tag: TAG,
      access: REGISTRAR,
      params: participantParams,
      body: emptyBody,
      problems: ["not-found", "participants-status-invalid", "participant-assets-left"],
      perform: (request) => participants.close(request, request.params.id),
    }),
  ];
}

function accountActs(participants: Participants, operations: OperationsPort): Route[] {
  return [
    defineAct(operations, {
      path: "/participants/{id}/accounts",
      summary: "Add an account",
      tag: TAG,
      access: REGISTRAR,
      params: participantParams,
      body: addAccountBody,
      problems: ["not-found", "participants-account-taken", "participants-too-many-accounts"],
      perform: (request) => participants.addAccount(request, request.params.id, request.body),
    }),
    defineAct(operations, {
      method: "delete",
      path: "/participants/{id}/accounts/{address}",
      summary: "Remove an account, for good",
      description: "Not as long as it has money, or anything on the exchange: nobody could move that any more.",
      tag: TAG,
      access: REGISTRAR,
      params: participantAccountParams,
      problems: ["not-found", "participants-account-unknown", "participant-assets-left"],
      perform: (request) => participants.removeAccount(request, request.params.id, request.params.address),
    }),
  ];
}

function replacementActs(participants: Participants, operations: OperationsPort): Route[] {
  return [
    defineAct(operations, {
      path: "/accounts/{address}/replacement",
      summary: "Propose a successor for an account whose key is lost",
      tag: TAG,
      access: COMPLIANCE,
      params: accountParams,
      body: replacementBody,
      problems: ["not-found", "participants-account-taken"],
      perform: (request) => participants.proposeReplacement(request, request.params.address, request.body.newAccount),
    }),
    defineAct(operations, {
      path: "/accounts/{address}/replacement/approve",
      summary: "Approve the successor, as another officer",
      tag: TAG,
      access: COMPLIANCE,
      params: accountParams,
      body: replacementBody,
      problems: ["not-found", "participants-same-officer", "participants-replacement-mismatch"],
      perform: (request) => participants.approveReplacement(request, request.params.address, request.body.newAccount),
    }),
    defineAct(operations, {
      path: "/accounts/{address}/replacement/withdraw",
      summary: "Withdraw a proposed replacement",
      tag: TAG,
      access: COMPLIANCE,
      params: accountParams,
      body: emptyBody,
      problems: ["not-found", "participants-replacement-unknown"],
      perform: (request) => participants.withdrawReplacement(request, request.params.address),
    }),
    defineAct(operations, {
      path: "/accounts/{address}/recovery",
      summary: "Carry a replaced account's holding of a batch to its successor",
      description: "A holding of many blocks takes several calls: repeat until the holding is empty.",
      tag: TAG,
      access: COMPLIANCE,
      params: accountParams,
      body: recoveryBody,
      problems: ["not-found", "units-not-replaced"],
      perform: (request) => participants.recover(request, request.params.address, request.body.batch),
    }),
  ];
}

function participantJson(view: KnownParticipant): Participant {
  return {
    id: view.id,
    taxCode: view.taxCode,
    name: view.name,
    status: known(view.status),
    capabilities: capabilitiesOf(view.capabilities),
    kycExpiresAt: isoTime(view.kycExpiresAt),
    documentHash: view.documentHash,
    document: view.document,
    accounts: view.accounts.map(({ address, status, managed }) => ({ address, status: known(status), managed })),
    admittedBlock: Number(view.blockNumber),
    ...madeBy(view, `/v1/participants/${view.id}`),
  };
}

function accountJson(view: ManagedAccountView): Account {
  return {
    address: view.address,
    participantId: view.participantId,
    status: known(view.status),
    managed: view.managed,
    successor: view.successor,
    proposedSuccessor: view.proposedSuccessor,
    addedBlock: Number(view.blockNumber),
    ...madeBy(view, `/v1/accounts/${view.address}`),
  };
}

/** What is in the read model exists: the status "none" is never stored. */
function known<Status extends string>(status: Status): Exclude<Status, "none"> {
  if (status === "none") throw new Error("The read model holds something that does not exist");
  return status as Exclude<Status, "none">;
}
