-- Each start of a controller has a number of its own: of two processes with one name, the one that started later is in
-- charge, and numbers of commits (ingest_batch.batch_no) begin with that of the start. It is the second of the start, or one
-- more than the last, so that a database which was put back to an older state gives none out twice. 0: of a program from
-- before this.
alter table controller add column starts bigint not null default 0;
grant update (starts) on controller to tp_controller;
