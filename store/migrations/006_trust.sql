-- Whom we trust: one state a probe, a log of every change of it, and the findings that changes rest on. Which event leads
-- where is decided in registry/trust/machine.cpp; the table trust_rule holds the same rows for the functions below, which
-- are the only way to a trust state, and a test compares the two.

alter table probe drop constraint probe_trust_check;
alter table probe
    alter column trust set default 'pending',
    add check (trust in ('preauthorised', 'pending', 'active', 'suspect', 'isolated', 'probation', 'revoked', 'retired')),
    add column trust_held boolean not null default false, -- isolated by an operator's word: no clean window lifts it
    add column trust_since timestamptz not null default now(),
    add column local_v4 inet,                             -- what it would send from, as it says itself
    add column local_v6 inet,
    add check (not trust_held or trust = 'isolated');

create table trust_rule (
    event       text not null,
    actor       text not null check (actor in ('registry', 'operator', 'host')),
    from_state  text not null,
    from_held   boolean not null,
    to_state    text not null,
    to_held     boolean not null,
    primary key (event, actor, from_state, from_held)
);
insert into trust_rule
with ways (event, actor, from_states, to_state) as (values
    ('claimed',     'host',     '{preauthorised}'::text[], 'pending'),
    ('admitted',    'registry', '{pending}', 'active'),
    ('doubted',     'registry', '{active}', 'suspect'),
    ('doubted',     'registry', '{probation}', 'isolated'),
    ('accused',     'registry', '{active,suspect,probation}', 'isolated'),
    ('cleared',     'registry', '{suspect,probation}', 'active'),
    ('cleared',     'registry', '{isolated}', 'probation'),
    ('isolated',    'operator', '{active,suspect,isolated,probation}', 'held'),
    ('released',    'operator', '{pending,suspect,isolated,held,probation}', 'active'),
    ('tried',       'operator', '{isolated,held}', 'probation'),
    ('revoked',     'operator', '{preauthorised,pending,active,suspect,isolated,held,probation,retired}', 'revoked'),
    ('retired',     'operator', '{preauthorised,pending,active,suspect,isolated,held,probation}', 'retired'),
    ('retired',     'host',     '{pending,active,suspect,isolated,held,probation}', 'retired'),
    ('written_off', 'operator', '{preauthorised,pending,active,suspect,isolated,held,probation}', 'retired'),
    ('written_off', 'host',     '{pending,active,suspect,isolated,held,probation}', 'retired'),
    ('reinstated',  'operator', '{retired}', 'pending'),
    ('reset',       'host',     '{active}', 'pending'),
    ('reset',       'host',     '{pending,suspect,isolated,held,probation}', null), -- null: as it was
    ('transferred', 'host',     '{pending,active,suspect,isolated,held,probation}', null)
)
select event, actor, replace(from_one, 'held', 'isolated'), from_one = 'held',
       replace(coalesce(to_state, from_one), 'held', 'isolated'), coalesce(to_state, from_one) = 'held'
from ways, unnest(from_states) as from_one;

-- Only ever added to.
create table trust_change (
    id          bigint generated always as identity primary key,
    probe_id    int not null references probe,
    at          timestamptz not null default now(),
    event       text not null,
    from_state  text,                         -- null: it became known
    to_state    text not null,
    actor       text not null,
    account_id  int references account,       -- whose word it was, if a person's
    reason      text not null
);
create index on trust_change (probe_id, id);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'this log is only added to';
end $$;
create trigger append_only before update or delete or truncate on trust_change
    for each statement execute function refuse_change();

insert into trust_change (probe_id, event, to_state, actor, account_id, reason)
select id, 'announced', trust, 'host', owner_id, 'known before changes were logged' from probe;

create function log_first_trust() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into trust_change (probe_id, event, to_state, actor, account_id, reason)
    values (new.id, 'announced', new.trust, case when new.owner_id is null then 'operator' else 'host' end, new.owner_id,
            'its key was made known');
    return null;
end $$;
create trigger log_first_trust after insert on probe for each row execute function log_first_trust();

-- A rule that looked at a probe, and what it saw. Texts are for people; a rule has one open finding a probe.
create table finding (
    id            bigint generated always as identity primary key,
    probe_id      int not null references probe,
    rule          text not null,
    severity      text not null check (severity in ('notice', 'warning', 'serious')),
    saw           text not null,
    compared_with text not null,
    clears_when   text not null,
    at            timestamptz not null default now(),
    seen_at       timestamptz not null default now(), -- the last time
    seen          int not null default 1,             -- how often
    cleared_at    timestamptz,
    cleared_by    text                                -- what cleared it
);
create unique index on finding (probe_id, rule) where cleared_at is null;
create index on finding (probe_id, id);

-- Answers 'changed', 'already' (it is so, nothing was done), 'not possible' or 'unknown', and the states before and after.
-- Announces, so it comes last in a transaction. For the functions below only.
create function move_trust(which int, what text, who text, by_account int, why text,
                           out outcome text, out old_state text, out new_state text)
    language plpgsql set search_path = public, pg_temp as $$
declare
    held boolean;
    way record;
begin
    select trust, trust_held into old_state, held from probe where id = which for no key update;
    if not found then
        outcome := 'unknown';
        return;
    end if;
    new_state := old_state;
    select * into way from trust_rule where event = what and actor = who and from_state = old_state and from_held = held;
    if not found then
        outcome := case when exists (select from trust_rule where event = what and actor = who and to_state = old_state
                                     and to_held = held) then 'already' else 'not possible' end;
        return;
    end if;
    new_state := way.to_state;
    outcome := 'changed';
    update probe set trust = new_state, trust_held = way.to_held,
        trust_since = case when old_state = new_state then trust_since else now() end where id = which;
    insert into trust_change (probe_id, event, from_state, to_state, actor, account_id, reason)
    values (which, what, old_state, new_state, who, by_account, why);
    if new_state in ('pending', 'revoked', 'retired') then
        delete from placement where probe_id = which; -- gives its place back
    end if;
    if what = 'released' then
        update finding set cleared_at = now(), cleared_by = 'an operator: ' || why
            where probe_id = which and cleared_at is null;
    end if;
    perform announce('trust', which);
end $$;

create function trust_by_registry(which int, what text, why text, out outcome text, out old_state text, out new_state text)
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    select * into outcome, old_state, new_state from move_trust(which, what, 'registry', null, why);
end $$;

-- An operator's word needs an account of that role, a host's the probe's own.
create function trust_by_person(which int, what text, who text, by_account int, why text,
                                out outcome text, out old_state text, out new_state text)
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if (who = 'operator' and exists (select from account a where a.id = by_account and a.role in ('operator', 'admin')))
        or (who = 'host' and exists (select from probe p where p.id = which and p.owner_id = by_account)) then
        select * into outcome, old_state, new_state from move_trust(which, what, who, by_account, why);
        return;
    end if;
    select trust, trust into old_state, new_state from probe where id = which;
    outcome := case when found then 'forbidden' else 'unknown' end;
end $$;

-- Uses up a claim code. The key becomes a probe of the account that made the code: a new one, or one that was on a factory
-- list. The same key with the same code gets the same answer again; null: no.
create function claim_probe(code bytea, new_key text) returns int
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    found_code claim_code;
    made int;
begin
    select * into found_code from claim_code where hash = code and (expires_at > now() or used_by is not null) for update;
    if not found then return null; end if;
    if found_code.used_by is not null then
        return (select id from probe where id = found_code.used_by and key = new_key);
    end if;
    insert into probe (key, owner_id) values (new_key, found_code.account_id) on conflict (key) do nothing
        returning id into made;
    if made is null then
        update probe set owner_id = found_code.account_id where key = new_key and trust = 'preauthorised'
            returning id into made;
        if made is null then return null; end if;
    end if;
    update claim_code set used_by = made where hash = code;
    if exists (select from probe where id = made and trust = 'preauthorised') then
        perform move_trust(made, 'claimed', 'host', found_code.account_id, 'its host entered a claim code');
    end if;
    return made;
end $$;

-- Is given measurements, and its results are served.
create function measures(trust text) returns boolean language sql immutable strict parallel safe
    as $$ select trust in ('active', 'suspect', 'probation') $$;

-- What an isolated probe still does, so that it can show that it is well.
alter table measurement add column is_canary boolean not null default false;

-- The connection log: in which network a session's address lies, as the registry finds it.
alter table probe_session
    add column asn bigint,
    add column prefix cidr,
    add column located boolean not null default false,
    add column by_platform boolean not null default false; -- it was ended by us
create index on probe_session (id) where not located;

-- Tags that the platform gives, from what it knows: what the software can do, the addresses that it would send from, the
-- published list of anchors, and how often its sessions broke within a day (six times: flakey).
create function system_tags(which int, capabilities text[], from_v4 inet, from_v6 inet) returns text[]
    language sql stable parallel safe set search_path = public, pg_temp as $$
    select array(select tag from (values
        (exists (select from unnest(capabilities) c where c like '%4'), 'system-ipv4-works'),
        (exists (select from unnest(capabilities) c where c like '%4'), 'system-ipv4-capable'),
        (exists (select from unnest(capabilities) c where c like '%6'), 'system-ipv6-works'),
        (exists (select from unnest(capabilities) c where c like '%6'), 'system-ipv6-capable'),
        (from_v4 << any ('{10.0.0.0/8,172.16.0.0/12,192.168.0.0/16}'::inet[]), 'system-ipv4-rfc1918'),
        (from_v6 << 'fc00::/7', 'system-ipv6-ula'),
        (exists (select from anchor where probe_id = which and ended_at is null), 'system-anchor'),
        ((select count(*) from probe_session where probe_id = which and not by_platform
          and closed_at > now() - interval '1 day' and opened_at > now() - interval '30 days') >= 6,
         'system-flakey-connection'),
        (cardinality(capabilities) > 0, 'system-software')
    ) as t (applies, tag) where applies) $$;

drop function revoke_probe(int);
revoke all on function move_trust(int, text, text, int, text), trust_by_registry(int, text, text),
    trust_by_person(int, text, text, int, text), claim_probe(bytea, text), log_first_trust() from public;
grant execute on function trust_by_registry(int, text, text), claim_probe(bytea, text) to tp_registry;
grant execute on function trust_by_person(int, text, text, int, text) to tp_api;

grant select on trust_change, finding to tp_registry, tp_api;
grant insert on finding to tp_registry;
grant update (severity, saw, compared_with, clears_when, seen_at, seen, cleared_at, cleared_by), delete on finding
    to tp_registry;
grant update (local_v4, local_v6, system_tags) on probe to tp_registry;
grant select on anchor to tp_registry;
revoke insert (key, owner_id, description) on probe from tp_registry;
revoke select, update on claim_code from tp_registry;
