-- The signed repository: files that controllers hand to probes, which alone judge them. A file that is being uploaded has
-- no `stored_at` yet, and takes the place of the one before it, if there may be one, when it is whole.
create table firmware_file (
    id          int generated always as identity primary key,
    path        text not null,                -- "metadata/...", "targets/..."
    size        bigint not null check (size > 0),
    sha256      bytea not null check (length(sha256) = 32),
    begun_at    timestamptz not null default now(),
    stored_at   timestamptz
);
create unique index on firmware_file (path) where stored_at is not null;
create unique index on firmware_file (path) where stored_at is null;

create table firmware_piece (
    file_id     int not null references firmware_file on delete cascade,
    number      int not null,
    octets      bytea not null,
    primary key (file_id, number)
);
alter table firmware_piece alter column octets set storage external; -- programs are compressed already

grant select on firmware_file, firmware_piece to tp_registry, tp_controller, tp_api;
grant insert, update, delete on firmware_file, firmware_piece to tp_api;
