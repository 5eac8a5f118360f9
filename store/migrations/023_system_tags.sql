-- As before; and which family does not work although it is there, for how long a family has been stable, and whose place
-- is contradicted by what was measured. Whoever logs in has its tags renewed, so controllers read findings, too.
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
               from_v6 << 'fc00::/7', 'ula')
    select array(
        select 'system-' || name || '-' || tag from family, online, lateral (values
            (works, 'works'), (works or there, 'capable'), (own, own_name),
            (there and not works and cardinality(capabilities) > 0, 'doesnt-work'),
            -- 15 minutes a day may be missing: a router that starts again, an update.
            (works and day > 0.99, 'stable-1d'), (works and month > 0.99, 'stable-30d'),
            (works and quarter > 0.99, 'stable-90d')) as t (applies, tag) where applies
        union all
        select 'system-' || tag from (values
            (exists (select from anchor where probe_id = which and ended_at is null), 'anchor'),
            ((select count(*) from probe_session where probe_id = which and not by_platform
              and closed_at > now() - interval '1 day' and opened_at > now() - interval '30 days') >= 6,
             'flakey-connection'),
            (exists (select from probe where id = which and storage_trouble is not null), 'flash-problem-suspected'),
            (exists (select from finding where probe_id = which and rule in ('place', 'round-trip') and cleared_at is null
                     and severity <> 'note'), 'geoloc-disputed'),
            (cardinality(capabilities) > 0, 'software')
        ) as t (applies, tag) where applies) $$;
grant select (probe_id, rule, severity, cleared_at) on finding to tp_controller;
