-- A probe changes its key: the next one is pending beside the current one until it has logged in. A key that was replaced is
-- never taken again, and no key is two probes', whatever became of it.
create table probe_key (
    key         text primary key,             -- as in probe
    probe_id    int not null references probe,
    state       text not null check (state in ('current', 'pending', 'replaced')),
    since       timestamptz not null default now()
);
create unique index on probe_key (probe_id) where state = 'current';
create unique index on probe_key (probe_id) where state = 'pending';
insert into probe_key (key, probe_id, state, since) select key, id, 'current', created_at from probe;

alter table probe add column key_wanted timestamptz; -- somebody wishes that it changes its key

create function note_first_key() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into probe_key (key, probe_id, state) values (new.key, new.id, 'current');
    return null;
end $$;
create trigger note_first_key after insert on probe for each row execute function note_first_key();

-- As ssh-keygen -l prints it.
create function fingerprint(key text) returns text language sql immutable strict parallel safe
    as $$ select 'SHA256:' || rtrim(encode(sha256(decode(key, 'base64')), 'base64'), '=') $$;

-- Answers 'taken', again for the same key; 'known' for one that is or was somebody's; 'not now' when the probe has another
-- key meanwhile, or may not connect.
create function offer_key(which int, old_key text, new_key text) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform from probe where id = which and key = old_key and trust in ('active', 'suspect', 'isolated', 'probation')
        for no key update;
    if not found then return 'not now'; end if;
    if exists (select from probe_key where key = new_key and probe_id = which and state = 'pending') then
        return 'taken';
    end if;
    if exists (select from probe_key where key = new_key) then return 'known'; end if;
    delete from probe_key where probe_id = which and state = 'pending';
    insert into probe_key (key, probe_id, state) values (new_key, which, 'pending');
    return 'taken';
end $$;

-- The pending key has logged in: it is the probe's, and the old one is dead. False: it is not, whoever says so.
create function adopt_key(new_key text) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    which int;
    old_key text;
    standing text;
begin
    select probe_id into which from probe_key where key = new_key;
    if not found then return false; end if;
    select key, trust into old_key, standing from probe where id = which for no key update;
    -- Whoever came first is through: only now is it certain what the key is.
    if not exists (select from probe_key where key = new_key and state = 'pending') then
        return coalesce(old_key = new_key, false);
    end if;
    update probe_key set state = 'replaced', since = now() where key = old_key;
    update probe_key set state = 'current', since = now() where key = new_key;
    update probe set key = new_key, key_wanted = null where id = which;
    insert into trust_change (probe_id, event, from_state, to_state, actor, reason)
    values (which, 'key_changed', standing, standing, 'host',
            fingerprint(new_key) || ' replaces ' || fingerprint(old_key) || ': both keys signed it');
    perform announce('trust', which);
    return true;
end $$;

-- Its host or an operator wishes that the probe changes its key. Answers 'wanted', 'forbidden', 'not possible' or 'unknown'.
create function want_new_key(which int, who text, by_account int) returns text
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    standing text;
    host int;
begin
    select trust, owner_id into standing, host from probe where id = which for no key update;
    if not found then return 'unknown'; end if;
    if not (who = 'operator' and exists (select from account where id = by_account and role in ('operator', 'admin')))
        and not (who = 'host' and host is not distinct from by_account) then
        return 'forbidden';
    end if;
    if standing not in ('active', 'suspect', 'isolated', 'probation') then return 'not possible'; end if;
    update probe set key_wanted = now() where id = which;
    insert into trust_change (probe_id, event, from_state, to_state, actor, account_id, reason)
    values (which, 'key_wanted', standing, standing, who, by_account,
            'it is asked for a new key');
    perform announce('trust', which);
    return 'wanted';
end $$;

-- As before, and no key that was replaced, or waits to be another probe's, claims anything.
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

revoke all on function note_first_key(), offer_key(int, text, text), adopt_key(text), want_new_key(int, text, int) from public;
grant select on probe_key to tp_registry, tp_controller, tp_api;
grant execute on function adopt_key(text) to tp_registry, tp_controller;
grant execute on function offer_key(int, text, text) to tp_controller;
grant execute on function want_new_key(int, text, int) to tp_api;
