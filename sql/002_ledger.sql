-- The ledger: one chain of hashed rows for each daemon (libnas/ledger/ledger.h says what is hashed), each in a table of
-- its own: a daemon's role may add rows to the table of its own name and to no other, and nobody may change or remove
-- one. A daemon's own file makes its chain in one line: select ledger.chain('storage');
--
-- Why a number is unique although a partitioned table cannot say so (its key would have to hold "at"): each partition
-- has a unique index on it; each chain has one writer (its role's newest connection: ledger.resume ends the ones before
-- and waits until they are gone, so that no transaction of theirs is still open); and a row that is tried again after a
-- lost connection keeps its time, so it comes to the same partition. Should there be two writers after all, the second
-- finds the number taken and looks again. Tried and left out: a trigger that checks each row against the head (it cost
-- as much as all the rest of an insert), and one table for all chains with row security (grants say the same, more
-- simply, and for nothing). Who owns the database can switch off anything here; that is what hashes, signed checkpoints
-- and the verifier are for.
set local role bulkhead_owner;

create type ledger.kind as enum ('intent', 'outcome', 'refusal', 'event', 'checkpoint');

create sequence ledger.row_ids as bigint;

-- Where each chain stands: the writer says so a moment after its rows are on disk, at the latest when it starts again.
-- Rows cut off the end are found by it even before the next checkpoint is signed.
create table ledger.head (
        chain varchar(31) primary key,
        number bigint not null,
        hash bytea not null
) with (fillfactor = 10);

-- Heads signed by the users hand, which keeps them in files of its own as well.
create table ledger.checkpoint (
        chain varchar(31) not null,
        number bigint not null check (number > 0),
        hash bytea not null check (octet_length(hash) = 32),
        at timestamptz not null check (isfinite(at)), -- whole seconds: they are signed
        key_id bigint not null,
        signature bytea not null check (octet_length(signature) = 64),
        primary key (chain, number, at, key_id)
);

-- A second fence behind the grants: not even the owner changes a row by mistake. Old rows go by dropping the partition
-- of a whole quarter.
create function ledger.refuse() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
        raise exception 'the ledger is only ever added to' using errcode = '42501';
end
$$;
create trigger no_change before update or delete on ledger.checkpoint for each row execute function ledger.refuse();
create trigger no_truncate before truncate on ledger.checkpoint for each statement execute function ledger.refuse();

-- The head of one's own chain, once every writer before has ended. With the caller's own rights: a role may read its own
-- chain and end its own connections, and no others.
create function ledger.resume(wanted text, out number bigint, out hash text)
        language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
        if not coalesce((select bool_and(pg_terminate_backend(a.pid, 3000)) from pg_stat_activity a
                         where a.usename = session_user and a.application_name = current_setting('application_name')
                         and a.datname = current_database() and a.pid <> pg_backend_pid()), true) then
                raise exception 'the connection before this one does not end' using errcode = '55P03';
        end if;
        execute format('select r.number, encode(r.hash, ''hex'') from ledger.%I r order by r.number desc limit 1', wanted)
                into resume.number, resume.hash;
        if resume.number is null then
                resume.number := 0;
                resume.hash := repeat('00', 32);
        else
                execute format('select ledger.%I($1, $2)', wanted || '_stands')
                        using resume.number, decode(resume.hash, 'hex');
        end if;
end
$$;

-- A partition of a chain: of a span, or (without one) for everything that no other takes, so that no insert ever fails
-- for want of one.
create function ledger.partition(chain text, suffix text, begins timestamptz, ends timestamptz) returns void
        language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
        name text := chain || '_' || suffix;
begin
        execute format('create table ledger.%I (like ledger.%I including defaults)', name, chain);
        execute format('create unique index %I on ledger.%I (number)', 'chain_number_' || name, name);
        execute format('alter table ledger.%I attach partition ledger.%I %s', chain, name,
                       case when begins is null then 'default' else format('for values from (%L) to (%L)', begins, ends) end);
        execute format('create trigger no_truncate before truncate on ledger.%I for each statement '
                       'execute function ledger.refuse()', name);
end
$$;

-- Makes the partitions of this quarter and of the months to come, for every chain; safe to call at any time by anybody
-- who may. A quarter of which the default partition already holds rows stays there.
create function ledger.partitions(months integer default 3) returns integer
        language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
        quarter timestamp := date_trunc('quarter', now() at time zone 'UTC');
        last timestamp := now() at time zone 'UTC' + make_interval(months => least(months, 24));
        chain text;
        suffix text;
        held boolean;
        made integer := 0;
begin
        perform pg_advisory_xact_lock(hashtext('ledger.partitions'));
        while quarter <= last loop
                suffix := to_char(quarter, 'YYYY"q"Q');
                for chain in select relname from pg_class where relnamespace = 'ledger'::regnamespace and relkind = 'p' loop
                        continue when to_regclass(format('ledger.%I', chain || '_' || suffix)) is not null;
                        execute format('select exists (select from ledger.%I where at >= $1 and at < $2)', chain || '_default')
                                into held using quarter at time zone 'UTC', (quarter + interval '3 months') at time zone 'UTC';
                        continue when held;
                        perform ledger.partition(chain, suffix, quarter at time zone 'UTC',
                                                 (quarter + interval '3 months') at time zone 'UTC');
                        made := made + 1;
                end loop;
                quarter := quarter + interval '3 months';
        end loop;
        return made;
end
$$;

-- All chains as one, for who may read them all: who reads it needs no right on the tables.
create function ledger.show_all() returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
        execute 'create or replace view ledger.row as ' || (
                select string_agg(format(
                        'select id, %L::varchar(31) as chain, number, at, kind, request, plan, actor, actor_name, source, '
                        'method, object, outcome, detail, digest, before, hash from ledger.%I', relname, relname),
                        ' union all ' order by relname)
                from pg_class where relnamespace = 'ledger'::regnamespace and relkind = 'p');
end
$$;

-- A new chain: its table, its place among all, and who says where it stands.
create function ledger.chain(name text) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
        if name !~ '^[a-z]{1,31}$' or name in ('row', 'head', 'checkpoint') then
                raise exception 'a chain cannot be named %', name;
        end if;
        -- id: its place in the whole ledger; pages are cut by it. Texts are ordered as bytes: no language's rules, which
        -- would cost time with every row.
        execute format('create table ledger.%I ('
                       'id bigint not null default nextval(''ledger.row_ids''), '
                       'number bigint not null, '
                       'at timestamptz not null, '
                       'actor bigint not null, '
                       'kind ledger.kind not null, '
                       'request varchar(64) collate "C" not null, '
                       'plan varchar(64) collate "C" not null, '
                       'actor_name varchar(64) collate "C" not null, '
                       'source varchar(128) collate "C" not null, '
                       'method varchar(128) collate "C" not null, '
                       'object varchar(256) collate "C" not null, '
                       'outcome varchar(32) collate "C" not null, '
                       'detail varchar(1048576) collate "C" not null, '
                       'digest bytea not null, '
                       'before bytea not null, '
                       'hash bytea not null) partition by range (at)', name);
        -- Each costs every change a little; without it some page would read the whole ledger. Nearly every row is an
        -- intent or a success: these are found by going down the ids, only the others need help. The other row of a
        -- change is looked for along the chain (libnas/state/change.h), where it most often is the next.
        execute format('create index on ledger.%I (id)', name);
        execute format('create index on ledger.%I (at, id)', name);
        execute format('create index on ledger.%I (actor_name, id)', name);
        execute format('create index on ledger.%I (method, id)', name);
        execute format('create index on ledger.%I (outcome, id) where outcome <> ''success'' and outcome <> ''''', name);
        execute format('create index on ledger.%I (kind, id) where kind <> ''intent'' and kind <> ''outcome''', name);
        execute format('create trigger no_change before update or delete on ledger.%I '
                       'for each row execute function ledger.refuse()', name);
        execute format('create trigger no_truncate before truncate on ledger.%I '
                       'for each statement execute function ledger.refuse()', name);
        perform ledger.partition(name, 'default', null, null);
        perform ledger.partitions();
        -- Only forward, only to a row that is there, and only this chain's role may call it: many times a second, and in
        -- PL/pgSQL its plan is made once a connection.
        execute format('create function ledger.%1$I(at_number bigint, at_hash bytea) returns void language plpgsql '
                       'security definer set search_path = pg_catalog, pg_temp as $body$ begin '
                       'insert into ledger.head as h select %2$L, r.number, r.hash from ledger.%2$I r '
                       'where r.number = at_number and r.hash = at_hash limit 1 '
                       'on conflict (chain) do update set number = excluded.number, hash = excluded.hash '
                       'where excluded.number > h.number; end $body$', name || '_stands', name);
        perform ledger.show_all();
end
$$;
