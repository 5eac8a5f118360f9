-- Who is told of alerts by webhook, and what of them has not arrived yet. Receivers stand in the registries'
-- configuration; what was raised before one was first seen is not for it.
create table alert_receiver (
    name        text primary key,
    since       timestamptz not null default now()
);

create table alert_delivery (
    alert_id     bigint not null references alert on delete cascade,
    receiver     text not null references alert_receiver,
    attempts     int not null default 0,
    next_at      timestamptz not null default now(),
    delivered_at timestamptz,
    given_up_at  timestamptz,
    last_error   text,
    primary key (alert_id, receiver)
);
create index on alert_delivery (receiver, next_at) where delivered_at is null and given_up_at is null;

grant select, insert on alert_receiver to tp_registry;
grant select, insert, update on alert_delivery to tp_registry;
grant select on alert_delivery to tp_api;
