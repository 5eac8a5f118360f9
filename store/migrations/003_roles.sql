-- Each program logs in with a role of its own (made by migrate(), since roles belong to the whole server), and reaches
-- what it needs.

-- Nobody may write trust states; this is how one is withdrawn, and announced.
create function revoke_probe(which int) returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update probe set trust = 'revoked' where id = which and trust <> 'revoked';
    if not found then return exists (select from probe where id = which); end if;
    perform announce('probe', which);
    return true;
end $$;
revoke all on function revoke_probe(int) from public;
revoke all on function maintain_results(), make_result_partition(timestamptz), hot_range() from public;

grant select on probe, probe_session, probe_event, controller, placement, measurement, participant, change
    to tp_registry, tp_controller, tp_api;
grant insert on change to tp_registry, tp_controller, tp_api;

grant select, update on claim_code to tp_registry;
grant insert (key, owner_id, description) on probe to tp_registry;
grant update (software, boot_count, address_v4, address_v6, prefix_v4, prefix_v6, asn_v4, asn_v6, country, session,
              controller_id, status_since, last_connected, uptime) on probe to tp_registry;
grant insert, update, delete on placement to tp_registry;
grant update on probe_session to tp_registry;
grant execute on function maintain_results() to tp_registry;

grant insert, update on controller to tp_controller;
grant insert, update on probe_session to tp_controller;
grant update (software, session, controller_id, status_since, first_connected, last_connected, uptime, system_tags,
              address_v4, address_v6) on probe to tp_controller;
grant insert, delete on probe_event to tp_controller;
grant select, insert on result_hot, result_late, ingest_batch to tp_controller;
grant insert on result_refused to tp_controller;
grant execute on function maintain_results(), make_result_partition(timestamptz), hot_range() to tp_controller;

grant select, insert, update on account, api_key to tp_api;
grant select, insert on claim_code to tp_api;
grant insert (key, owner_id, description) on probe to tp_api;
grant update (description, is_public, country, latitude, longitude, user_tags) on probe to tp_api;
grant insert, update on measurement, participant to tp_api;
grant usage on sequence measurement_number to tp_api;
grant select on result_hot, result_late, result_refused to tp_api;
grant execute on function revoke_probe(int) to tp_api;
