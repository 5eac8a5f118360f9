-- What a controller says of itself is believed within bounds: one that says more is not heard, and so counts as dead. The
-- bounds are those of its configuration (store::most_capacity).
update controller set capacity = least(greatest(capacity, 1), 18000), sessions = least(greatest(sessions, 0), 18000);
alter table controller
    add check (capacity between 1 and 18000),
    add check (sessions between 0 and 18000);

-- Nor is it alive for longer than it is heard.
create function no_beat_ahead() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
    new.heartbeat_at := least(new.heartbeat_at, now());
    return new;
end $$;
create trigger no_beat_ahead before insert or update of heartbeat_at on controller for each row
    execute function no_beat_ahead();
revoke all on function no_beat_ahead() from public;
