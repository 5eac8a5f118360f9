-- Devices that were made and tested, as a signed list says: known by their keys before anybody has them.
create table factory_batch (
    id             int generated always as identity primary key,
    name           text not null unique,
    version        bigint not null,
    document       bytea not null,            -- as it was signed
    imported_at    timestamptz not null default now(),
    imported_by    int not null references account,
    frozen         text check (frozen in ('unclaimed', 'all')), -- nobody claims its devices; and those claimed have no session
    frozen_because text
);

create table factory_device (
    serial      text primary key,
    batch_id    int not null references factory_batch,
    probe_id    int not null unique references probe,
    model       text not null,
    revision    text not null,
    code_hash   bytea not null unique         -- SHA-256 of the code on its label
);
create index on factory_device (batch_id);

-- A list whose signatures were judged. Answers 'imported', 'older' (than the one that is known), or what is wrong with which
-- device; then nothing was changed. A later version of a batch may add devices, and changes none. Octets are hexadecimal.
create function import_factory_list(batch text, number bigint, signed bytea, by_account int, serials text[], keys text[],
                                    models text[], revisions text[], codes text[], out outcome text, out added int)
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    known factory_batch;
    which int;
    one record;
begin
    added := 0;
    if not exists (select from account where id = by_account and role in ('operator', 'admin')) then
        outcome := 'forbidden';
        return;
    end if;
    lock table factory_batch in share row exclusive mode; -- one after the other
    select * into known from factory_batch where name = batch;
    if found and known.version >= number then
        outcome := 'older';
        return;
    end if;
    -- All that is wrong is found before anything is written.
    select 'device ' || n.serial || ': ' || case
               when d.serial is not null then 'it is known otherwise'
               when k.key is not null then 'its key is known already'
               else 'its claim code is known already' end
        into outcome
        from unnest(serials, keys, models, revisions, codes) as n(serial, key, model, revision, code)
        left join factory_device d on d.serial = n.serial
        left join probe_key k on k.key = n.key
        left join factory_device c on c.code_hash = decode(n.code, 'hex')
        where case when d.serial is null then k.key is not null or c.serial is not null
                   else d.batch_id is distinct from known.id or d.probe_id is distinct from k.probe_id
                        or d.model <> n.model or d.revision <> n.revision or d.code_hash <> decode(n.code, 'hex') end
        order by n.serial limit 1;
    if found then return; end if;
    insert into factory_batch (name, version, document, imported_by) values (batch, number, signed, by_account)
        on conflict (name) do update set version = excluded.version, document = excluded.document,
            imported_at = now(), imported_by = excluded.imported_by
        returning id into known.id;
    for one in select * from unnest(serials, keys, models, revisions, codes) as n(serial, key, model, revision, code)
               where not exists (select from factory_device d where d.serial = n.serial) loop
        insert into probe (key, trust, frozen) values (one.key, 'preauthorised', known.frozen is not distinct from 'all')
            returning id into which;
        insert into factory_device (serial, batch_id, probe_id, model, revision, code_hash)
        values (one.serial, known.id, which, one.model, one.revision, decode(one.code, 'hex'));
        added := added + 1;
    end loop;
    outcome := 'imported';
end $$;

-- Freezes a batch ('unclaimed': nobody claims its devices; 'all': and those that were claimed lose their sessions), or thaws
-- it (null). Answers false when there is no such batch.
create function freeze_batch(batch text, what text, why text) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    which int;
begin
    update factory_batch set frozen = what, frozen_because = case when what is null then null else why end
        where name = batch returning id into which;
    if which is null then return false; end if;
    with changed as (
        update probe p set frozen = (what is not distinct from 'all') from factory_device d
        where d.batch_id = which and p.id = d.probe_id and p.frozen <> (what is not distinct from 'all')
        returning p.id, p.session)
    select count(announce('trust', id)) into which from changed where session is not null;
    return true;
end $$;

-- The host of a device enters the code of its label. Answers 'claimed', 'rejected', 'too many' or 'frozen', and the probe.
create function claim_device(code bytea, by_account int, accepted text, out outcome text, out which int)
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    host int;
    standing text;
    held text;
begin
    if too_many_codes(by_account) then
        outcome := 'too many';
        return;
    end if;
    select p.id, p.owner_id, p.trust, b.frozen into which, host, standing, held
        from factory_device d join probe p on p.id = d.probe_id join factory_batch b on b.id = d.batch_id
        where d.code_hash = code for no key update of p;
    if found and host = by_account and standing <> 'preauthorised' then -- again
        outcome := 'claimed';
        return;
    end if;
    if which is null or standing <> 'preauthorised' then
        insert into code_failure (account_id) values (by_account);
        which := null;
        outcome := 'rejected';
        return;
    end if;
    if held is not null then
        outcome := 'frozen';
        return;
    end if;
    update probe set owner_id = by_account where id = which;
    if accepted is not null then
        insert into probe_consent (probe_id, account_id, version) values (which, by_account, accepted);
    end if;
    perform move_trust(which, 'claimed', 'host', by_account, 'its host entered the code of its label');
    outcome := 'claimed';
end $$;

revoke all on function import_factory_list(text, bigint, bytea, int, text[], text[], text[], text[], text[]),
    freeze_batch(text, text, text), claim_device(bytea, int, text) from public;
grant execute on function import_factory_list(text, bigint, bytea, int, text[], text[], text[], text[], text[]),
    freeze_batch(text, text, text), claim_device(bytea, int, text) to tp_api;
grant select on factory_batch, factory_device to tp_api;
