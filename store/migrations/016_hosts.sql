-- What hosts agree to, hand over and lose.

alter table probe
    add column storage_trouble text,          -- what the probe says about its failing disk; null: it says nothing
    add column storage_since timestamptz,
    add column frozen boolean not null default false; -- with its whole factory batch: no session

-- As before; and a disk of which the probe says that it fails.
create or replace function system_tags(which int, capabilities text[], from_v4 inet, from_v6 inet) returns text[]
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
        (exists (select from probe where id = which and storage_trouble is not null), 'system-flash-problem-suspected'),
        (cardinality(capabilities) > 0, 'system-software')
    ) as t (applies, tag) where applies) $$;

-- A controller passes on what probes say about their disks.
create function note_storage(which int, trouble text) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update probe set storage_trouble = trouble,
        storage_since = case when trouble is null then null else coalesce(storage_since, now()) end where id = which;
    update probe set system_tags = system_tags(id, capabilities, local_v4, local_v6) where id = which;
end $$;

-- Which version of the text for hosts was accepted for a probe, by whom and when. Only ever added to.
create table probe_consent (
    id          bigint generated always as identity primary key,
    probe_id    int not null references probe,
    account_id  int not null references account,
    version     text not null,
    at          timestamptz not null default now()
);
create index on probe_consent (probe_id, id);
create trigger append_only before update or delete or truncate on probe_consent
    for each statement execute function refuse_change();
alter table claim_code add column consent text; -- accepted when the code was made

-- As before; and what its host accepted is recorded.
create or replace function claim_probe(code bytea, new_key text) returns int
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
    if exists (select from probe_key where key = new_key and state <> 'current') then return null; end if;
    insert into probe (key, owner_id) values (new_key, found_code.account_id) on conflict (key) do nothing
        returning id into made;
    if made is null then
        update probe p set owner_id = found_code.account_id where key = new_key and trust = 'preauthorised'
            and not exists (select from factory_device d join factory_batch b on b.id = d.batch_id
                            where d.probe_id = p.id and b.frozen is not null)
            returning id into made;
        if made is null then return null; end if;
    end if;
    update claim_code set used_by = made where hash = code;
    if found_code.consent is not null then
        insert into probe_consent (probe_id, account_id, version, at)
        values (made, found_code.account_id, found_code.consent, found_code.created_at);
    end if;
    if exists (select from probe where id = made and trust = 'preauthorised') then
        perform move_trust(made, 'claimed', 'host', found_code.account_id, 'its host entered a claim code');
    end if;
    return made;
end $$;

-- Codes that were tried and are none, so that nobody guesses them: twenty an hour of one account.
create table code_failure (
    account_id  int not null references account,
    at          timestamptz not null default now()
);
create index on code_failure (account_id, at);
create function too_many_codes(by_account int) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform from account where id = by_account for no key update; -- those who guess in parallel wait for each other
    delete from code_failure where at < now() - interval '1 hour';
    return (select count(*) from code_failure where account_id = by_account) >= 20;
end $$;

-- A probe that its host offers to another one: whoever has the code may take it, once and in time.
create table probe_transfer (
    hash         bytea primary key,            -- SHA-256 of the code
    probe_id     int not null references probe,
    from_account int not null references account,
    offered_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    accepted_by  int references account,
    ended_at     timestamptz                   -- accepted, withdrawn or replaced by a newer offer
);
create unique index on probe_transfer (probe_id) where ended_at is null;

-- Answers 'offered', 'forbidden', 'not possible' or 'unknown'. A newer offer replaces the one before.
create function offer_probe(which int, by_account int, code bytea, seconds bigint) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    host int;
    standing text;
begin
    select owner_id, trust into host, standing from probe where id = which for no key update;
    if not found then return 'unknown'; end if;
    if host is distinct from by_account then return 'forbidden'; end if;
    if not exists (select from trust_rule where event = 'transferred' and actor = 'host' and from_state = standing) then
        return 'not possible';
    end if;
    update probe_transfer set ended_at = now() where probe_id = which and ended_at is null;
    insert into probe_transfer (hash, probe_id, from_account, expires_at)
    values (code, which, by_account, now() + seconds * interval '1 second');
    return 'offered';
end $$;

-- The offer that is open, if any, is withdrawn. Answers whether there was one.
create function withdraw_probe(which int, by_account int) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update probe_transfer t set ended_at = now() where probe_id = which and ended_at is null
        and exists (select from probe where id = which and owner_id = by_account);
    return found;
end $$;

-- Answers 'accepted', 'rejected', 'too many', 'own' or 'not possible', and the probe. Its measurements, results and log stay.
create function accept_probe(code bytea, by_account int, accepted text, out outcome text, out which int)
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    offer probe_transfer;
    moved text;
begin
    if too_many_codes(by_account) then
        outcome := 'too many';
        return;
    end if;
    select * into offer from probe_transfer where hash = code for update;
    if found and offer.accepted_by = by_account then -- again
        outcome := 'accepted';
        which := offer.probe_id;
        return;
    end if;
    perform from probe where id = offer.probe_id and owner_id = offer.from_account for no key update;
    if not found or offer.ended_at is not null or offer.expires_at <= now() then
        insert into code_failure (account_id) values (by_account);
        outcome := 'rejected';
        return;
    end if;
    if offer.from_account = by_account then
        outcome := 'own';
        return;
    end if;
    which := offer.probe_id;
    update probe_transfer set accepted_by = by_account, ended_at = now() where hash = code;
    update probe set owner_id = by_account where id = which;
    if accepted is not null then
        insert into probe_consent (probe_id, account_id, version) values (which, by_account, accepted);
    end if;
    select m.outcome into moved from move_trust(which, 'transferred', 'host', by_account,
                                                'offered by its host, and accepted by the next one') m;
    if moved <> 'changed' then raise exception 'a probe that is % cannot be transferred', moved; end if;
    outcome := 'accepted';
end $$;

revoke all on function note_storage(int, text), too_many_codes(int), offer_probe(int, int, bytea, bigint),
    withdraw_probe(int, int), accept_probe(bytea, int, text) from public;
grant execute on function note_storage(int, text) to tp_controller;
grant execute on function offer_probe(int, int, bytea, bigint), withdraw_probe(int, int), accept_probe(bytea, int, text)
    to tp_api;
grant select, insert on probe_consent to tp_api;
grant select on probe_transfer to tp_api;
