import { migrationOf } from "./of-statements.js";

const UP = `
alter table imports add column compared_at text;
alter table transactions drop constraint transactions_seq_key;
drop index transactions_sender;
create index transactions_superseded on transactions (sender, nonce) where status = 'superseded'
`;

const DOWN = `
drop index transactions_superseded;
create index transactions_sender on transactions (sender, nonce);
alter table transactions add constraint transactions_seq_key unique (seq);
alter table imports drop column compared_at
`;

/**
 * A transaction is looked for by its hash, or by sender and nonce: the one that counts has an index already, and only the few that were
 * set aside need another. Every index has an entry more for each change of a status. Imports know what they were compared with.
 */
export const fewerTransactionEntriesMigration = migrationOf(UP, DOWN);
