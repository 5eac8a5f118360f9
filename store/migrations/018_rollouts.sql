-- Which programs probes are to run, and what they say that they run. Persons create rollouts, approve them and say what
-- they want of them; the director alone moves them, chooses probes and signs.

create table rollout (
    id             int generated always as identity primary key,
    mode           text not null check (mode in ('lazy', 'forced')),
    waves          text not null,               -- "lab,1%,5%,25%,100%"
    lab_tag        text not null,
    soak           bigint not null,             -- seconds, as the next two
    back_within    bigint not null,
    deadline       bigint not null,
    limits         int[] not null,              -- failed, silent, few failed, few silent, success, rate lost, round trip
    seed           bigint not null,
    reason         text not null,               -- why it is made, for people
    created_by     int not null references account,
    created_at     timestamptz not null default now(),

    wish           text not null default 'go' check (wish in ('go', 'pause', 'halt')),
    wished_by      int references account,
    wished_because text not null default '',

    phase          text not null default 'draft'
        check (phase in ('draft', 'waiting', 'running', 'soaking', 'paused', 'halted', 'complete')),
    wave           int not null default 0,
    phase_since    timestamptz not null default now(),
    wave_since     timestamptz not null default now(),
    because        text not null default ''
);

create table rollout_target (
    rollout_id     int not null references rollout,
    path           text not null,
    model          text not null default '',    -- this and the rest as the signed repository has it: not yet looked up
    length         bigint not null default 0,
    sha256         bytea not null default '',
    release        bigint not null default 0,
    primary key (rollout_id, path)
);

-- Two persons are two accounts.
create table rollout_approval (
    rollout_id     int not null references rollout,
    account_id     int not null references account,
    at             timestamptz not null default now(),
    primary key (rollout_id, account_id)
);

create table rollout_probe (
    rollout_id     int not null references rollout,
    probe_id       int not null references probe,
    model          text not null,
    wave           int not null,
    stage          text not null default 'planned',
    since          timestamptz not null default now(),
    nonce          bytea not null default '',   -- of its instruction
    expires_at     timestamptz not null default 'epoch',
    cause          text not null default '',
    primary key (rollout_id, probe_id)
);

-- What happened to it, and by whom. Only ever added to.
create table rollout_event (
    id             bigint generated always as identity primary key,
    rollout_id     int not null references rollout,
    at             timestamptz not null default now(),
    account_id     int references account,      -- null: the director
    said           text not null
);
create index on rollout_event (rollout_id, id);
create trigger append_only before update or delete or truncate on rollout_event
    for each statement execute function refuse_change();

-- The newest of each probe, as the director signed it.
create table firmware_instruction (
    probe_id       int primary key references probe,
    rollout_id     int not null references rollout,
    octets         bytea not null,
    key            bytea not null,
    signature      bytea not null,
    issued_at      timestamptz not null
);

-- What each probe said last of what it runs, signed with its key; the report itself stands among its events.
create table firmware_state (
    probe_id       int primary key references probe,
    model          text not null,               -- empty: it runs from no slot
    release        bigint not null,             -- 0: likewise
    sha256         bytea not null,
    standing       int not null,                -- 1 on trial, 2 committed, 3 failed
    update_state   int not null,                -- LwM2M, object 5, resources 3 and 5
    update_result  int not null,
    failed_release bigint not null,             -- 0: none
    cause          text not null,
    instruction    bytea not null,              -- nonce
    root_version   bigint not null,
    software       text not null,
    reported_at    timestamptz not null default now()
);
create index on firmware_state (model);

grant select on rollout, rollout_target, rollout_approval, rollout_probe, rollout_event, firmware_instruction,
    firmware_state to tp_registry, tp_api;
grant update (phase, wave, phase_since, wave_since, because) on rollout to tp_registry;
grant update (model, length, sha256, release) on rollout_target to tp_registry;
grant insert, update on rollout_probe, firmware_instruction to tp_registry;
grant insert on rollout_event to tp_registry, tp_api;
grant insert (mode, waves, lab_tag, soak, back_within, deadline, limits, seed, reason, created_by) on rollout to tp_api;
grant insert (rollout_id, path) on rollout_target to tp_api;
grant insert (rollout_id, account_id) on rollout_approval to tp_api;
grant update (wish, wished_by, wished_because) on rollout to tp_api;
grant select on firmware_instruction to tp_controller;
grant select, insert, update on firmware_state to tp_controller;
