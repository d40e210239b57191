-- What the file of a daemon begins with, in one line:
--
--     select bulkhead.daemon('shares');
--
-- makes its role, its chain in the ledger, its schema and its table of requests that must not be done twice. The
-- superuser calls it, because it makes a role; from there on the file goes on as the owner of all schemas.
create function bulkhead.writer(name text) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
        wanted text := 'bulkhead-' || name;
begin
        if not exists (select from pg_roles where rolname = wanted) then
                execute format('create role %I login', wanted);
        end if;
        execute format('alter role %I nosuperuser nocreatedb nocreaterole noreplication nobypassrls noinherit', wanted);
        execute format('grant connect on database %I to %I', current_database(), wanted);
        perform set_config('role', 'bulkhead_owner', true);
        perform ledger.chain(name);
end
$$;
revoke all on function bulkhead.writer(text) from public;

create function bulkhead.daemon(name text) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
        perform bulkhead.writer(name);
        execute format('create schema %I authorization bulkhead_owner', name);
        -- Requests that came with an Idempotency-Key. The key is here only as a hash, the request as a hash keyed with
        -- the key itself, and no reply that held a credential.
        execute format('create table %I.repeat ('
                       'subject bigint not null, '
                       'key text not null check (octet_length(key) = 64), '
                       'request text not null check (octet_length(request) = 64), '
                       'plan text not null unique, '
                       'state text not null check (state in (''running'', ''kept'', ''issued'')), '
                       'reply text, '
                       'at timestamptz not null default now(), '
                       'primary key (subject, key))', name);
        execute format('create index repeat_at on %I.repeat (at)', name);
end
$$;
revoke all on function bulkhead.daemon(text) from public;
