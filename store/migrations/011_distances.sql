-- How far probes are from controllers, so that they are placed near: the shortest round trip of each session, and what is
-- usual from a country, for probes that were never there.
alter table probe_session add column round_trip_us int check (round_trip_us > 0);

create table typical_distance (
    country         text not null,
    controller_id   int not null references controller on delete cascade,
    round_trip_us   int not null,
    primary key (country, controller_id)
);
grant select, insert, update, delete on typical_distance to tp_registry;

-- "CONTROLLER:MICROSECONDS" for each controller whose distance from this probe is known: its own shortest of the last 50
-- sessions, else what is usual where it is.
create function distances_of(probe int) returns text[] language sql stable as $$
    with own as (
        select controller_id, min(round_trip_us) as us
        from (select controller_id, round_trip_us from probe_session
              where probe_id = probe and round_trip_us is not null and opened_at > now() - interval '30 days'
              order by opened_at desc limit 50) newest
        group by controller_id)
    select array(
        select controller_id || ':' || us from own
        union all
        select t.controller_id || ':' || t.round_trip_us
        from typical_distance t join probe b on b.id = probe and b.country = t.country
        where t.controller_id not in (select controller_id from own))
$$;
