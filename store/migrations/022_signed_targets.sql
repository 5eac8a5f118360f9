-- All firmware that offline keys ever signed, as a director found it in the repository: what probes say that they run is
-- held against it. Only ever added to, for a release that officers withdrew still runs somewhere.
create table signed_target (
    path        text not null,
    model       text not null,
    release     bigint not null,
    length      bigint not null,
    sha256      bytea not null check (length(sha256) = 32),
    listed_at   timestamptz not null default now(),
    primary key (path, model, release, sha256)
);
insert into signed_target (path, model, release, length, sha256)
    select path, model, release, length, sha256 from rollout_target where model <> '' and length(sha256) = 32
    on conflict do nothing;

-- Of which repository that is all: the timestamp that was in force.
create table signed_list (
    only_one    boolean primary key default true check (only_one),
    made_of     int not null,                   -- firmware_file, which may be gone by now
    made_at     timestamptz not null default now()
);

alter table firmware_state add column target text not null default '';  -- where its program came from; empty: not told

grant select, insert on signed_target to tp_registry;
grant select, insert, update on signed_list to tp_registry;
