-- Where a measurement's packets go, as the platform resolved it (null: the probes resolve the target), and how many a
-- second one probe is planned to send: what abuse cases and the fleet's caps for targets are compared with.
alter table measurement
    add column address inet,
    add column packet_rate float8 not null default 0;
do $$
declare
    each record;
begin
    for each in select id, target from measurement where target ~ '^[0-9a-fA-F:.]+$' loop
        begin
            update measurement set address = each.target::inet where id = each.id;
        exception when invalid_text_representation then null; -- a name
        end;
    end loop;
end $$;
create index on measurement using gist (address inet_ops) where stopped_at is null;
create index on measurement (lower(target)) where stopped_at is null;

-- Somebody wants a target to be left alone. Whoever proves to hold it is believed at once; the last word is an operator's.
create table abuse_case (
    id          int generated always as identity primary key,
    prefix      cidr,                         -- what it is about: an address block ...
    name        text,                         -- ... or a host name, lower case
    contact     text not null,
    complaint   text not null,
    source      inet not null,                -- who said so
    token       text not null,                -- by which its holder proves to be that
    at          timestamptz not null default now(),
    proved_at   timestamptz,
    proved_by   text check (proved_by in ('http', 'dns')),
    decision    text check (decision in ('keep-blocked', 'reopen')),
    decided_at  timestamptz,
    decided_by  int references account,
    reason      text,
    blocks      boolean not null generated always as
                    (case when decision is null then proved_at is not null else decision = 'keep-blocked' end) stored,
    check ((prefix is null) <> (name is null))
);
create index on abuse_case using gist (prefix inet_ops) where blocks;
create index on abuse_case (name) where blocks;

-- Every change of what is blocked, only ever added to. Its newest number is the version of the list that probes have.
create table abuse_log (
    id          int generated always as identity primary key,
    case_id     int not null references abuse_case,
    at          timestamptz not null default now(),
    what        text not null,                -- 'proved', 'keep-blocked', 'reopen'
    account_id  int references account,
    said        text not null
);
create index on abuse_log (case_id);
create trigger append_only before update or delete or truncate on abuse_log
    for each statement execute function refuse_change();

-- The case by which a target is to be left alone; null: none.
create function blocking_case(at_address inet, target text) returns int language sql stable parallel safe as $$
    select coalesce((select min(id) from abuse_case where blocks and prefix >>= at_address),
                    (select min(id) from abuse_case where blocks and name = lower(target))) $$;

grant select on abuse_case to tp_registry, tp_api;
grant select (id, prefix, name, blocks) on abuse_case to tp_controller;
grant select on abuse_log to tp_controller, tp_api;
grant insert on abuse_case, abuse_log to tp_api;
grant update (proved_at, proved_by, decision, decided_at, decided_by, reason) on abuse_case to tp_api;

alter table alert drop constraint alert_kind_check;
alter table alert add check (kind in ('mass event', 'proposal', 'anchor in doubt', 'abuse'));
grant insert on alert to tp_api;
