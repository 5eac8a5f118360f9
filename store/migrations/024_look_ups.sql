-- Whether the resolvers of probes resolve: names are looked up whose answers an operator knows.

-- A measurement that the registry makes for it: the type of the record that is asked for.
alter table measurement add column look_up text check (look_up in ('a', 'aaaa'));
create index on measurement (start_time) where look_up is not null;

-- What a probe's resolvers of a family said last. "denied": there is no such record; "unanswered": nothing, or nothing
-- that one could use.
create table probe_look_up (
    probe_id     int not null references probe,
    record       text not null check (record in ('a', 'aaaa')),
    af           int not null check (af in (4, 6)),
    said         text not null check (said in ('correct', 'incorrect', 'denied', 'unanswered')),
    mangles_case boolean not null,            -- the question came back in other letters
    at           timestamptz not null,        -- when it was asked
    valid_until  timestamptz not null,
    primary key (probe_id, record, af)
);

-- Where the country of a probe comes from: the operator's database of addresses, or its host.
alter table probe add column country_by_address boolean not null default false;

-- As before; and what its resolvers say, and whether its country was looked up.
create or replace function system_tags(which int, capabilities text[], from_v4 inet, from_v6 inet) returns text[]
    language sql stable parallel safe set search_path = public, pg_temp as $$
    with online as (
        -- The share of the last 1, 30 and 90 days in which it was connected.
        select coalesce(sum(extract(epoch from upto - greatest(since, now() - interval '1 day')))
                   filter (where upto > now() - interval '1 day'), 0) / 86400 as day,
               coalesce(sum(extract(epoch from upto - greatest(since, now() - interval '30 days')))
                   filter (where upto > now() - interval '30 days'), 0) / 86400 / 30 as month,
               coalesce(sum(extract(epoch from upto - greatest(since, now() - interval '90 days')))
                   filter (where upto > now() - interval '90 days'), 0) / 86400 / 90 as quarter
        from (select opened_at as since, coalesce(closed_at, now()) as upto from probe_session
              where probe_id = which and coalesce(closed_at, now()) > now() - interval '90 days') s),
    family as (
        select 'ipv4' as name, exists (select from unnest(capabilities) c where c like '%4') as works,
               from_v4 is not null as there, from_v4 << any ('{10.0.0.0/8,172.16.0.0/12,192.168.0.0/16}'::inet[]) as own,
               'rfc1918' as own_name
        union all
        select 'ipv6', exists (select from unnest(capabilities) c where c like '%6'), from_v6 is not null,
               from_v6 << 'fc00::/7', 'ula'),
    told as (
        -- Over both families: a resolver that denies what another one has is wrong, one that is silent beside it is not.
        select record, bool_or(mangles_case) as mangles, bool_or(said = 'correct') as right_one,
               bool_or(said = 'incorrect') or (bool_or(said = 'correct') and bool_or(said = 'denied')) as wrong_one
        from probe_look_up where probe_id = which and valid_until > now() group by record)
    select array(
        select 'system-' || name || '-' || tag from family, online, lateral (values
            (works, 'works'), (works or there, 'capable'), (own, own_name),
            (there and not works and cardinality(capabilities) > 0, 'doesnt-work'),
            -- 15 minutes a day may be missing: a router that starts again, an update.
            (works and day > 0.99, 'stable-1d'), (works and month > 0.99, 'stable-30d'),
            (works and quarter > 0.99, 'stable-90d')) as t (applies, tag) where applies
        union all
        select 'system-' || tag from told, lateral (values
            (right_one and not wrong_one, 'resolves-' || record || '-correctly'),
            (wrong_one, 'resolves-' || record || '-incorrectly'),
            (not right_one and not wrong_one, 'doesnt-resolve-' || record)) as t (applies, tag) where applies
        union all
        select 'system-' || tag from (values
            (exists (select from anchor where probe_id = which and ended_at is null), 'anchor'),
            ((select count(*) from probe_session where probe_id = which and not by_platform
              and closed_at > now() - interval '1 day' and opened_at > now() - interval '30 days') >= 6,
             'flakey-connection'),
            (exists (select from probe where id = which and storage_trouble is not null), 'flash-problem-suspected'),
            (exists (select from finding where probe_id = which and rule in ('place', 'round-trip') and cleared_at is null
                     and severity <> 'note'), 'geoloc-disputed'),
            (exists (select from told where mangles), 'resolver-mangles-case'),
            -- Silence counts only while it was in session: so the rest of its network worked.
            (exists (select from told) and not exists (select from told where right_one or wrong_one),
             'dns-problem-suspected'),
            (exists (select from probe where id = which and country_by_address and country <> ''), 'auto-geoip-country'),
            (cardinality(capabilities) > 0, 'software')
        ) as t (applies, tag) where applies) $$;

grant select, insert, update on probe_look_up to tp_registry;
grant select on probe_look_up to tp_controller;
grant update (stopped_at) on measurement to tp_registry;
grant update (until) on participant to tp_registry;
grant update (country_by_address) on probe to tp_registry, tp_api;
