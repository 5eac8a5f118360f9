-- How often a measurement repeats, in seconds, so that lists can be filtered and sorted by it. It also stands in the job,
-- where those that were made before have it: Job.when is field 14, Timetable.interval_ms field 3 (proto/trigpoint.proto).
alter table measurement add column interval_s int check (interval_s > 0);

create function wire_number(octets bytea, place int, out number bigint, out behind int) language plpgsql immutable as $$
declare
    shift int := 0;
    octet int;
begin
    number := 0;
    behind := place;
    loop
        octet := get_byte(octets, behind);
        behind := behind + 1;
        number := number | ((octet & 127)::bigint << shift);
        exit when octet < 128;
        shift := shift + 7;
    end loop;
end $$;

-- The field of this number: a number, or octets. Our jobs have no other kinds.
create function wire_field(octets bytea, wanted int, out number bigint, out part bytea) language plpgsql immutable as $$
declare
    place int := 0;
    tag bigint;
begin
    while place < length(octets) loop
        select w.number, w.behind into tag, place from wire_number(octets, place) w;
        select w.number, w.behind into number, place from wire_number(octets, place) w;
        part := null;
        if tag & 7 = 2 then
            part := substr(octets, place + 1, number::int);
            place := place + number::int;
        end if;
        if tag >> 3 = wanted then return; end if;
    end loop;
    number := null;
    part := null;
end $$;

update measurement set interval_s = (wire_field((wire_field(job, 14)).part, 3)).number / 1000 where not is_oneoff;
drop function wire_field(bytea, int), wire_number(bytea, int);
