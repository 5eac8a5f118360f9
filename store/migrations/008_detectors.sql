-- What detectors read of sessions, and what they remember between two rounds. Findings and trust changes have their own
-- tables: here stands only what these do not tell.

alter table probe_session
    add column boot_count bigint,             -- as the probe told it; null: it was not asked yet
    add column country text not null default ''; -- of the address, once it is located
create index on probe_session (closed_at);    -- those of an hour: closed since it began, or open

create table watch_round (
    only_one    boolean primary key default true check (only_one),
    length      bigint not null,              -- seconds
    last        bigint not null               -- the last one that was done: so many lengths after 1970
);

-- Of probes that are not active, were isolated before, or whose isolation was proposed. Rounds are counted as above.
create table probe_watch (
    probe_id     int primary key references probe,
    left_in      text not null,               -- the state in which the detectors left it: another one is a person's word
    held_against text[] not null,             -- rules that must be clean before it is active again
    proposed     text[] not null,             -- rules for which an operator has been asked
    clean_rounds int not null,
    isolations   int not null,
    isolated_at  bigint
);

-- What an operator is told once.
create table alert (
    id          bigint generated always as identity primary key,
    at          timestamptz not null default now(),
    kind        text not null check (kind in ('mass event', 'proposal', 'anchor in doubt')),
    subject     text not null,                -- "AS64500", "probe 12"
    rule        text not null,
    said        text not null
);
create index on alert (kind, subject, rule, at);

grant select on result_hot, result_late, result_refused, watch_round, probe_watch, alert to tp_registry;
grant insert, update on watch_round to tp_registry;
grant insert, update, delete on probe_watch to tp_registry;
grant insert, delete on alert to tp_registry;
grant select on alert to tp_api;
