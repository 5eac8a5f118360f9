-- The hours for which rows go to result_hot, as [first, last) in microseconds: those around now that have their partitions
-- without a gap. A clock that was once ahead leaves partitions beyond one, and a row for an hour within it has no place.
create or replace function hot_range(out first bigint, out last bigint) language sql stable security definer
    set search_path = public, pg_temp set timezone = 'UTC' as $$
    with hours as (
        select to_timestamp(right(c.relname, 11), 'YYYYMMDD_HH24') as hour
        from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'result_hot'::regclass),
    runs as (  -- hours that follow each other have the same distance to their rank
        select hour, hour - row_number() over (order by hour) * interval '1 hour' as run
        from hours where hour > now() - interval '3 hours')
    select coalesce(micros(min(hour)), 0), coalesce(micros(max(hour) + interval '1 hour'), 0)
    from runs where run = (select run from runs where hour = date_trunc('hour', now())) $$;
