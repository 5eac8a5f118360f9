-- Of what a probe told, its version reports have a budget of their own, and everything else another: no number of other events
-- costs it a report. Controllers only add. What is beyond a budget goes by a function that takes no number and no time from
-- its caller, so that a stolen controller removes nothing but by adding a thousand that are no news or wrongly signed.
create index on probe_event (probe_id, id) where kind = 'version_report';
create index on probe_event (probe_id, id) where kind <> 'version_report';
drop index probe_event_probe_id_id_idx;  -- the two have every row

-- Removes what lies beyond the newest 1,000 reports and the newest 1,000 other events of each of these probes. Volatile: it
-- sees what the statement that calls it has added.
create function drop_old_events(probes int[]) returns void language plpgsql volatile security definer
    set search_path = public, pg_temp as $$
declare
    most constant int := 1000;
    which int;
begin
    for which in select distinct p from unnest(probes) p order by p loop
        delete from probe_event where id = any (array(
            select id from probe_event where probe_id = which and kind = 'version_report' order by id desc offset most));
        delete from probe_event where id = any (array(
            select id from probe_event where probe_id = which and kind <> 'version_report' order by id desc offset most));
    end loop;
end $$;
revoke all on function drop_old_events(int[]) from public;
grant execute on function drop_old_events(int[]) to tp_controller;

-- By columns: who sets ids could put a thousand beyond every one to come.
revoke insert, delete on probe_event from tp_controller;
grant insert (probe_id, at, kind, detail) on probe_event to tp_controller;
