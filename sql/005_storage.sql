-- The storage clerk: its role, its schema, its chain in the ledger. How disks and pools are is read from the kernel, each
-- time.

do $$
begin
        if not exists (select from pg_roles where rolname = 'bulkhead-storage') then
                create role "bulkhead-storage" login;
        end if;
        alter role "bulkhead-storage" nosuperuser nocreatedb nocreaterole noreplication nobypassrls noinherit;
        execute format('grant connect on database %I to "bulkhead-storage"', current_database());
end
$$;

create schema storage authorization bulkhead_owner;
set local role bulkhead_owner;

select ledger.chain('storage');

-- Requests that came with an Idempotency-Key. The key is here only as a hash, the request as a hash keyed with the key
-- itself, and no reply that held a credential.
create table storage.repeat (
        subject bigint not null,
        key text not null check (octet_length(key) = 64),
        request text not null check (octet_length(request) = 64),
        plan text not null unique,
        state text not null check (state in ('running', 'kept', 'issued')),
        reply text,
        at timestamptz not null default now(),
        primary key (subject, key)
);
create index repeat_at on storage.repeat (at);

-- What became known of the health of disks in the course of time: a row when something changed, 500 a disk at most.
create table storage.disk_history (
        id bigint primary key generated always as identity,
        disk text not null check (octet_length(disk) between 1 and 127),
        at timestamptz not null default now(),
        what text not null check (what in ('smart', 'temperature', 'test')),
        value text not null check (octet_length(value) <= 256)
);
create index disk_history_disk on storage.disk_history (disk, id);
