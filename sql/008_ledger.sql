-- The ledger, cheaper to write. What is dropped or replaced here, 002_ledger.sql still makes.
--
-- No index finds a plan any more: who looks for the other row of a change knows when to look (libnas/state/change.h).
set local role bulkhead_owner;

-- Takes from a new chain what is not wanted of it. Who says where a chain stands does so many times a second: in PL/pgSQL
-- the plan of what it does is made once a connection, in SQL each time, which cost as much as writing thirty rows.
create function ledger.lighter(name text) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
        index_name text;
begin
        for index_name in
                select i.indexrelid::regclass::text from pg_index i
                where i.indrelid = format('ledger.%I', name)::regclass and i.indnatts = 1 and i.indkey[0] = (
                        select attnum from pg_attribute where attrelid = i.indrelid and attname = 'plan')
        loop
                execute 'drop index ' || index_name;
        end loop;
        execute format('create or replace function ledger.%1$I(at_number bigint, at_hash bytea) returns void language plpgsql '
                       'security definer set search_path = pg_catalog, pg_temp as $body$ begin '
                       'insert into ledger.head as h select %2$L, r.number, r.hash from ledger.%2$I r '
                       'where r.number = at_number and r.hash = at_hash limit 1 '
                       'on conflict (chain) do update set number = excluded.number, hash = excluded.hash '
                       'where excluded.number > h.number; end $body$', name || '_stands', name);
end
$$;

select ledger.lighter(relname) from pg_class where relnamespace = 'ledger'::regnamespace and relkind = 'p';

-- A new chain, from now on.
alter function ledger.chain(text) rename to chain_of_old;
create function ledger.chain(name text) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
        perform ledger.chain_of_old(name);
        perform ledger.lighter(name);
end
$$;
