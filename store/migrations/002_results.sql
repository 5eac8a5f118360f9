-- Hot rows in hourly partitions. The one index is both the duplicate guard and the query index. No DEFAULT partition: it
-- blocks detaching and creating. No foreign keys and no sequences, so that the table can be distributed.
create table result_hot (
    measurement_id  int not null,
    probe_id        int not null,
    ts              timestamptz not null,
    seq             bigint not null,
    kind            smallint not null,
    flags           smallint not null,
    stored_at       timestamptz not null,
    payload         bytea not null            -- proto::report
) partition by range (ts);
create unique index on result_hot (measurement_id, ts, probe_id, seq);

-- What is late or implausibly dated.
create table result_late (like result_hot);
create unique index on result_late (measurement_id, ts, probe_id, seq);
create index on result_late (ts);

-- What was not the probe's to take: kept out, and recorded.
create table result_refused (
    id              bigint generated always as identity primary key,
    probe_id        int not null,
    measurement_id  int not null,
    ts              timestamptz not null,
    reason          text not null,
    at              timestamptz not null default now()
);

-- Tells a controller that lost its connection in mid-commit whether to repeat.
create table ingest_batch (
    controller_id   int not null,
    batch_no        bigint not null,
    n               int not null,
    at              timestamptz not null default now(),
    primary key (controller_id, batch_no)
);
create index on ingest_batch (at);

-- The table is made beside and then attached: CREATE TABLE ... PARTITION OF would lock readers and writers out, and so
-- stall intake behind a long reader.
create function make_result_partition(hour timestamptz) returns void language plpgsql security definer
    set search_path = public, pg_temp as $$
declare
    name text := 'result_hot_' || to_char(hour at time zone 'UTC', 'YYYYMMDD_HH24');
begin
    if exists (select from pg_class where relname = name) then return; end if;
    perform pg_advisory_xact_lock(7441002);
    -- Asked again by a query: to_regclass() would answer from a cache that waiting for the lock does not refresh.
    if exists (select from pg_class where relname = name) then return; end if;
    execute format('create table %I (like result_hot including indexes)', name);
    execute format('alter table result_hot attach partition %I for values from (%L) to (%L)',
                   name, hour, hour + interval '1 hour');
end $$;

-- Partitions from two hours ago to three hours ahead, and no numbers of commits older than a day.
create function maintain_results() returns void language plpgsql security definer set search_path = public, pg_temp
    set timezone = 'UTC' as $$
declare
    hour timestamptz;
begin
    for hour in select generate_series(date_trunc('hour', now()) - interval '2 hours',
                                       date_trunc('hour', now()) + interval '3 hours', interval '1 hour') loop
        perform make_result_partition(hour);
    end loop;
    -- The newest of each controller stays: it is where a controller goes on after a restart.
    delete from ingest_batch b where at < now() - interval '1 day'
        and batch_no < (select max(batch_no) from ingest_batch m where m.controller_id = b.controller_id);
    -- Readers of the feed are seconds behind; one that was away for a day starts anew.
    delete from change where at < now() - interval '1 day';
    delete from result_refused where id <= (select max(id) from result_refused) - 10000;
end $$;

-- The hours for which rows go to result_hot, as [first, last) in microseconds. Their partitions are there once
-- maintain_results() has run within the last hours.
create function hot_range(out first bigint, out last bigint) language sql stable security definer
    set search_path = public, pg_temp set timezone = 'UTC' as $$
    select micros(min(hour)), micros(max(hour) + interval '1 hour')
    from (select to_timestamp(right(c.relname, 11), 'YYYYMMDD_HH24') as hour
          from pg_inherits i join pg_class c on c.oid = i.inhrelid
          where i.inhparent = 'result_hot'::regclass) h
    where hour > now() - interval '3 hours' $$;
