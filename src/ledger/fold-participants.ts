import type { Folds } from "./fold-state.js";

/** Participants, their accounts, and who holds which institutional role. */
export const participantFolds: Folds<
  | "ParticipantAdmitted"
  | "ParticipantSuspended"
  | "ParticipantReinstated"
  | "ParticipantClosed"
  | "ParticipantUpdated"
  | "AccountAdded"
  | "AccountRemoved"
  | "AccountReplacementProposed"
  | "AccountReplacementWithdrawn"
  | "AccountReplaced"
  | "RoleGranted"
  | "RoleRevoked"
> = {
  ParticipantAdmitted({ rows }, { args, blockNumber, txHash }) {
    rows.participants.put({
      id: args.participantId,
      tax_code: args.taxCode,
      status: "active",
      capabilities: args.capabilities,
      kyc_expires_at: BigInt(args.kycExpiresAt),
      document_hash: args.documentHash,
      suspension_reason_hash: null,
      admitted_block: blockNumber,
      tx_hash: txHash,
      updated_block: blockNumber,
    });
  },

  async ParticipantSuspended({ rows }, { args, blockNumber }) {
    const change = {
      status: "suspended",
      suspension_reason_hash: args.reasonHash,
      updated_block: blockNumber,
    } as const;
    await rows.participants.change({ id: args.participantId }, change);
  },

  async ParticipantReinstated({ rows }, { args, blockNumber }) {
    const change = { status: "active", suspension_reason_hash: null, updated_block: blockNumber } as const;
    await rows.participants.change({ id: args.participantId }, change);
  },

  async ParticipantClosed({ rows }, { args, blockNumber }) {
    await rows.participants.change({ id: args.participantId }, { status: "closed", updated_block: blockNumber });
  },

  async ParticipantUpdated({ rows }, { args, blockNumber }) {
    await rows.participants.change(
      { id: args.participantId },
      {
        capabilities: args.capabilities,
        kyc_expires_at: BigInt(args.kycExpiresAt),
        document_hash: args.documentHash,
        updated_block: blockNumber,
      },
    );
  },

  /** Also brings a removed account back to life. */
  async AccountAdded({ rows }, { args, blockNumber, txHash }) {
    const known = await rows.accounts.get({ address: args.account });
    rows.accounts.put({
      address: args.account,
      participant_id: args.participantId,
      status: "active",
      successor: null,
      proposed_successor: null,
      proposed_by: null,
      added_block: known?.added_block ?? blockNumber,
      tx_hash: known?.tx_hash ?? txHash,
    });
  },

  async AccountRemoved({ rows }, { args }) {
    const change = { status: "removed", proposed_successor: null, proposed_by: null } as const;
    await rows.accounts.change({ address: args.account }, change);
  },

  async AccountReplacementProposed({ rows }, { args }) {
    const change = { proposed_successor: args.newAccount, proposed_by: args.proposer };
    await rows.accounts.change({ address: args.lostAccount }, change);
  },

  async AccountReplacementWithdrawn({ rows }, { args }) {
    await rows.accounts.change({ address: args.lostAccount }, { proposed_successor: null, proposed_by: null });
  },

  /** The successor becomes an active account by this event or by an `AccountAdded` beside it: either way it is one row. */
  async AccountReplaced({ rows }, { args, blockNumber, txHash }) {
    const change = {
      status: "replaced",
      successor: args.newAccount,
      proposed_successor: null,
      proposed_by: null,
    } as const;
    await rows.accounts.change({ address: args.lostAccount }, change);
    const successor = await rows.accounts.get({ address: args.newAccount });
    rows.accounts.put({
      address: args.newAccount,
      participant_id: args.participantId,
      status: "active",
      successor: null,
      proposed_successor: null,
      proposed_by: null,
      added_block: successor?.added_block ?? blockNumber,
      tx_hash: successor?.tx_hash ?? txHash,
    });
  },

  RoleGranted({ rows }, { args, blockNumber, txHash }) {
    rows.role_grants.put({
      role: args.roleId,
      account: args.account,
      delay: BigInt(args.delay),
      since: BigInt(args.since),
      block_number: blockNumber,
      tx_hash: txHash,
    });
  },

  RoleRevoked({ rows }, { args }) {
    rows.role_grants.remove({ role: args.roleId, account: args.account });
  },
};
