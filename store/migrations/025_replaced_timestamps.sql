-- Timestamps of the signed repository that were in force until lately: clients may still be on their way through what these
-- name, so it is not removed yet.
create table firmware_replaced (
    id          bigint generated always as identity primary key,
    octets      bytea,                        -- null: nobody knows what was in force before this moment
    replaced_at timestamptz not null default now()
);
create index on firmware_replaced (replaced_at);

-- Files that are here already were replaced by each other at times that nobody wrote down.
insert into firmware_replaced (octets) select null where exists (select from firmware_file where stored_at is not null);

grant select, insert, delete on firmware_replaced to tp_api;
