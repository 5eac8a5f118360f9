-- What probes believe by its signatures alone, as it was published: octets that nobody here changes.
create table signed_document (
    id          int generated always as identity primary key,
    name        text not null,                -- "anchors"
    version     bigint not null,
    octets      bytea not null,
    expires_at  timestamptz not null,
    at          timestamptz not null default now(),
    unique (name, version)
);

-- The newest list of anchors, read, for those who show and search it. A name keeps its number for ever.
create table anchor (
    id          int generated always as identity primary key,
    name        text not null unique,         -- host name, lower case
    addresses   inet[] not null,
    ports       int[] not null,
    country     text not null default '',
    city        text not null default '',
    company     text not null default '',
    probe_id    int,                          -- its own probe, if the list names one
    as_v4       bigint,
    as_v6       bigint,
    latitude    float8,
    longitude   float8,
    listed_at   timestamptz not null default now(),
    ended_at    timestamptz                   -- the newest list does not name it
);
create index on anchor using gin (addresses) where ended_at is null;

grant select on signed_document, anchor to tp_controller, tp_api;
grant insert on signed_document to tp_api;
grant insert, update on anchor to tp_api;
