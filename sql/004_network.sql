-- The network clerk: its role, its schema, its chain in the ledger. Never a key: those lie with the hand alone.

do $$
begin
        if not exists (select from pg_roles where rolname = 'bulkhead-network') then
                create role "bulkhead-network" login;
        end if;
        alter role "bulkhead-network" nosuperuser nocreatedb nocreaterole noreplication nobypassrls noinherit;
        execute format('grant connect on database %I to "bulkhead-network"', current_database());
end
$$;

create schema network authorization bulkhead_owner;
set local role bulkhead_owner;

select ledger.chain('network');

-- Requests that came with an Idempotency-Key. The key is here only as a hash, the request as a hash keyed with the key
-- itself, and no reply that held a credential.
create table network.repeat (
        subject bigint not null,
        key text not null check (octet_length(key) = 64),
        request text not null check (octet_length(request) = 64),
        plan text not null unique,
        state text not null check (state in ('running', 'kept', 'issued')),
        reply text,
        at timestamptz not null default now(),
        primary key (subject, key)
);
create index repeat_at on network.repeat (at);

-- What is wanted: certificates fetched from an authority, and since when its terms are accepted. One row or none.
create table network.acme (
        one boolean primary key default true check (one),
        directory text not null check (octet_length(directory) between 1 and 256),
        names text not null check (octet_length(names) between 1 and 8192), -- with commas between
        email text not null check (octet_length(email) <= 254),
        accepted timestamptz not null default now(),
        stopped timestamptz
);
