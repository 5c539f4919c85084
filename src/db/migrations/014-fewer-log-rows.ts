import { migrationOf } from "./of-statements.js";

const UP = `
alter table operation_log add column tx_hashes text[];
alter table operation_log alter column tx_hashes set storage external;
drop index operations_participant;
create index operations_participant on operations (participant_id, seq) where participant_id is not null;
alter table events alter column args set statistics 0;
alter table transfers alter column blocks set statistics 0;
alter table retirements alter column blocks set statistics 0
`;

const DOWN = `
alter table retirements alter column blocks set statistics -1;
alter table transfers alter column blocks set statistics -1;
alter table events alter column args set statistics -1;
drop index operations_participant;
create index operations_participant on operations (participant_id, seq);
update operation_log set tx_hash = tx_hashes[1] where tx_hash is null;
alter table operation_log drop column tx_hashes
`;

/**
 * One row of the log for all operations of a commit, in however many transactions they were sent. Acts of institutions have no participant,
 * and need no place in an index of theirs. And nothing is looked for in columns of JSON that only carry what an event said: to count what is in
 * them was a quarter of a look at the tables.
 */
export const fewerLogRowsMigration = migrationOf(UP, DOWN);
