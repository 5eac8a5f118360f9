-- Measurements whose outcome is known beforehand, made by the registry: which kind of canary it is.
alter table measurement add column canary text
    check (canary in ('unannounced-prefix', 'closed-port', 'absent-name', 'nonce')),
    add check (canary is null or is_canary);
create index on measurement (start_time) where canary is not null;

-- Owns what the platform itself measures. Nobody logs in with it.
create function platform_account() returns int language plpgsql security definer set search_path = public, pg_temp as $$
declare
    found_id int;
begin
    insert into account (email, role) values ('platform', 'host') on conflict (email) do nothing;
    select id into found_id from account where email = 'platform';
    return found_id;
end $$;
revoke all on function platform_account() from public;
grant execute on function platform_account() to tp_registry;

grant insert on measurement, participant to tp_registry;
grant usage on sequence measurement_number to tp_registry;
