-- Where controllers stand, so that the two of a probe are near and do not fail together; and which are being emptied.
alter table controller
    add column region text not null default '',
    add column failure_domain text not null default '',
    add column drained_at timestamptz,
    add column drained_because text;

-- Which of several registries does what only one may do at a time.
create table leader (
    work    text primary key,
    holder  text not null,
    until   timestamptz not null
);

-- A controller says what it is, and not whether it is drained.
revoke update on controller from tp_controller;
grant update (addresses, host_key, capacity, sessions, heartbeat_at, region, failure_domain) on controller
    to tp_controller;
grant update (drained_at, drained_because) on controller to tp_api;
grant select, insert, update on leader to tp_registry;

-- As the rules call them.
alter table finding drop constraint finding_severity_check;
update finding set severity = case severity when 'notice' then 'note' when 'serious' then 'grave' else severity end;
alter table finding add check (severity in ('note', 'warning', 'grave'));
