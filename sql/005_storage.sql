-- The storage clerk: its role, its schema, its chain in the ledger. What is wanted of disks and pools; how they are is
-- read from the kernel, each time.

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

create policy storage_add on ledger.row for insert to "bulkhead-storage" with check (chain = 'storage');
create policy storage_see on ledger.row for select to "bulkhead-storage" using (chain = 'storage');

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

-- Pools that are wanted: mounted at /srv/NAME whenever their disks are there.
create table storage.pool (
        id bigint generated always as identity primary key,
        name text not null check (octet_length(name) between 1 and 31),
        uuid uuid not null,
        created timestamptz not null default now(),
        gone timestamptz
);
create unique index pool_name on storage.pool (name) where gone is null;
create unique index pool_uuid on storage.pool (uuid) where gone is null;
