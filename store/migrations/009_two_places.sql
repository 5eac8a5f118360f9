-- A session that another one with the same key took the place of, and whose probe still answered after that: two devices
-- have the key.
alter table probe_session add column still_answered boolean not null default false;
