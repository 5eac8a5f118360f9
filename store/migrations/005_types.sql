-- What each probe's software can do ("ping4", "dns6", ...), told at the start of its session, and what a measurement is
-- carried by: both to be selected by.
alter table probe add column capabilities text[] not null default '{}';
alter table measurement add column protocol text not null default '';

grant update (capabilities) on probe to tp_controller;
