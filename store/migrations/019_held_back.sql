-- The mass event by which an isolation waits, as of the last round.
alter table finding add column held_back_by text;
grant update (held_back_by) on finding to tp_registry;

-- A proof alerts operators by itself: the API raises no other alert, and may not.
create function alert_of_proof() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into alert (kind, subject, rule, said)
    values ('abuse',
            coalesce(case when masklen(new.prefix) = case family(new.prefix) when 4 then 32 else 128 end
                          then host(new.prefix) else new.prefix::text end, new.name),
            'abuse',
            'abuse case ' || new.id || ' is proved (' || new.proved_by || '): ' ||
                case when new.blocks then 'measurements towards it are paused until you decide'
                     else 'you decided about it before' end);
    return null;
end $$;
create trigger alert_of_proof after update on abuse_case for each row
    when (old.proved_at is null and new.proved_at is not null) execute function alert_of_proof();
revoke all on function alert_of_proof() from public;
revoke insert on alert from tp_api;
