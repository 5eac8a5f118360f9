-- Times enter and leave as whole microseconds since 1970, so that no text format or time zone stands in between.
create function moment(us bigint) returns timestamptz language sql immutable strict parallel safe
    as $$ select timestamptz 'epoch' + us * interval '1 microsecond' $$;
create function micros(at timestamptz) returns bigint language sql immutable strict parallel safe
    as $$ select (extract(epoch from at) * 1000000)::bigint $$;

-- ---- accounts and keys: the API alone reads them

create table account (
    id          int generated always as identity primary key,
    email       text not null unique,
    role        text not null check (role in ('host', 'user', 'operator', 'admin')),
    created_at  timestamptz not null default now()
);

create table api_key (
    uuid        uuid primary key,             -- the public name of the key
    hash        bytea not null unique,        -- SHA-256 of the key, which is a random UUID
    account_id  int not null references account,
    label       text not null,
    scopes      text[] not null,
    enabled     boolean not null default true,
    created_at  timestamptz not null default now(),
    valid_to    timestamptz
);

create table claim_code (
    hash        bytea primary key,            -- SHA-256 of the code
    account_id  int not null references account,
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null,
    used_by     int                           -- the probe
);

-- ---- probes

create table probe (
    id              int generated always as identity primary key,
    key             text not null unique,     -- base64 of the SSH public key
    owner_id        int references account,
    trust           text not null default 'active' check (trust in ('active', 'revoked')),
    description     text not null default '',
    is_public       boolean not null default true,
    country         text not null default '',
    latitude        float8,
    longitude       float8,
    user_tags       text[] not null default '{}',
    system_tags     text[] not null default '{}',
    software        text not null default '',
    boot_count      bigint not null default 0,
    address_v4      inet,
    address_v6      inet,
    prefix_v4       cidr,
    prefix_v6       cidr,
    asn_v4          bigint,
    asn_v6          bigint,
    session         bigint,                   -- the open one, if any
    controller_id   int,                      -- where it is open
    status_since    timestamptz not null default now(),
    first_connected timestamptz,
    last_connected  timestamptz,
    uptime          bigint not null default 0, -- seconds, of sessions that have ended
    created_at      timestamptz not null default now()
);

create table probe_session (
    id              bigint generated always as identity primary key,
    probe_id        int not null references probe,
    controller_id   int not null,
    address         inet not null,
    opened_at       timestamptz not null default now(),
    closed_at       timestamptz,
    reason          text
);
create index on probe_session (probe_id, opened_at);
create index on probe_session (controller_id) where closed_at is null;

create table probe_event (
    id          bigint generated always as identity primary key,
    probe_id    int not null references probe,
    at          timestamptz not null,
    kind        text not null,
    detail      text not null
);
create index on probe_event (probe_id, id);

-- ---- controllers

create table controller (
    id           int generated always as identity primary key,
    name         text not null unique,
    addresses    text[] not null,
    host_key     text not null,
    capacity     int not null,
    sessions     int not null default 0,
    heartbeat_at timestamptz not null default now()
);

create table placement (
    probe_id        int not null references probe,
    controller_id   int not null references controller,
    rank            int not null,
    lease_until     timestamptz not null,
    primary key (probe_id, rank)
);
create index on placement (controller_id);

-- ---- measurements

create sequence measurement_number as int start 1000001;  -- lower numbers are for built-ins

create table measurement (
    id               int primary key default nextval('measurement_number'),
    owner_id         int not null references account,
    group_id         int,
    kind             text not null,
    af               int not null,
    target           text not null,
    job              bytea not null,          -- proto::job
    description      text not null,
    is_public        boolean not null,
    tags             text[] not null,
    probe_sources    text not null,
    probes_requested int not null,
    is_oneoff        boolean not null,
    start_time       timestamptz not null,
    ends_at          timestamptz,             -- its own stop time; ten minutes after the start of a one-off
    stopped_at       timestamptz,             -- by a user
    created_at       timestamptz not null default now()
);
create index on measurement (owner_id) where stopped_at is null;
create index on measurement (target) where stopped_at is null;
create index on measurement (group_id);

create table participant (
    measurement_id  int not null references measurement,
    probe_id        int not null references probe,
    since           timestamptz not null default now(),
    until           timestamptz,              -- removed; the row stays, for results that come later
    primary key (measurement_id, probe_id)
);
create index on participant (probe_id) where until is null;

-- ---- the change feed

create table change (
    seq     bigint generated always as identity primary key,
    kind    text not null,
    key     int not null,
    at      timestamptz not null default now()
);
create index on change (at);

-- Numbers are given under a lock that lasts until the commit, so their order is the order of commits: a reader that has
-- seen number n will never be shown a smaller one. To be called last in a transaction, for the lock is one for all.
create function announce(what text, which int) returns void language plpgsql set search_path = public, pg_temp as $$
begin
    perform pg_advisory_xact_lock(7441001);
    insert into change (kind, key) values (what, which);
    notify tp_change;
end $$;
