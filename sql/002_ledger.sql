-- The ledger: one chain of hashed rows for each daemon (libnas/ledger/ledger.h says what is hashed). Rows can be
-- added, by each daemon's role to its own chain only; nobody can change or remove one.
--
-- Why (chain, number) is unique although a partitioned table cannot say so (its key would have to hold "at"): each
-- partition has a unique index on it; each chain has one writer (its role's newest connection: ledger.resume ends the
-- ones before and waits until they are gone, so that no transaction of theirs is still open); and a row that is tried
-- again after a lost connection keeps its time, so it comes to the same partition. Should there be two writers after
-- all, the second finds the number taken and looks again. A trigger that checks each row against the head was tried:
-- it cost as much as all the rest of an insert. Who owns the database can switch off anything here; that is what
-- hashes, signed checkpoints and the verifier are for.
set local role bulkhead_owner;

create type ledger.kind as enum ('intent', 'outcome', 'refusal', 'event', 'checkpoint');

create sequence ledger.row_ids as bigint;

create table ledger.row (
        id bigint not null default nextval('ledger.row_ids'), -- place in the whole ledger; pages are cut by it
        chain varchar(31) not null,
        number bigint not null,
        at timestamptz not null,
        kind ledger.kind not null,
        request varchar(64) not null,
        plan varchar(64) not null,
        actor bigint not null,
        actor_name varchar(64) not null,
        source varchar(128) not null,
        method varchar(128) not null,
        object varchar(256) not null,
        outcome varchar(32) not null,
        detail varchar(1048576) not null,
        digest bytea not null,
        before bytea not null,
        hash bytea not null
) partition by range (at);

create index row_id on ledger.row (id);
create index row_at on ledger.row (at, id);
create index row_actor on ledger.row (actor_name, id);
create index row_method on ledger.row (method, id);
create index row_plan on ledger.row (plan);
-- Nearly every row is an intent or a success: these are found by going down the ids, only the others need help.
create index row_outcome on ledger.row (outcome, id) where outcome <> 'success' and outcome <> '';
create index row_kind on ledger.row (kind, id) where kind <> 'intent' and kind <> 'outcome';

-- Where each chain stands: the writer says so a moment after its rows are on disk, at the latest when it starts again.
-- Rows cut off the end are found by it even before the next checkpoint is signed.
create table ledger.head (
        chain varchar(31) primary key,
        number bigint not null,
        hash bytea not null
) with (fillfactor = 10);

-- Only forward, only to a row that is there, only one's own.
create function ledger.stands(wanted text, at_number bigint, at_hash bytea) returns void
        language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
        if session_user <> 'bulkhead-' || wanted and not pg_has_role(session_user, 'bulkhead_owner', 'member') then
                raise exception 'chain % is not yours', wanted using errcode = '42501';
        end if;
        insert into ledger.head as h select r.chain, r.number, r.hash from ledger.row r
                where r.chain = wanted and r.number = at_number and r.hash = at_hash limit 1
                on conflict (chain) do update set number = excluded.number, hash = excluded.hash
                where excluded.number > h.number;
end
$$;

-- The head of one's own chain, once every writer before has ended. With the caller's own rights: a role may end its
-- own connections and no others.
create function ledger.resume(wanted text, out number bigint, out hash text)
        language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
        if not coalesce((select bool_and(pg_terminate_backend(a.pid, 3000)) from pg_stat_activity a
                         where a.usename = session_user and a.application_name = current_setting('application_name')
                         and a.datname = current_database() and a.pid <> pg_backend_pid()), true) then
                raise exception 'the connection before this one does not end' using errcode = '55P03';
        end if;
        select r.number, encode(r.hash, 'hex') into resume.number, resume.hash
                from ledger.row r where r.chain = wanted order by r.number desc limit 1;
        if not found then
                resume.number := 0;
                resume.hash := repeat('00', 32);
        else
                perform ledger.stands(wanted, resume.number, decode(resume.hash, 'hex'));
        end if;
end
$$;

-- A second fence behind the grants: not even the owner changes a row by mistake. Old rows go by dropping the
-- partition of a whole month.
create function ledger.refuse() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
        raise exception 'the ledger is only ever added to' using errcode = '42501';
end
$$;
create trigger no_change before update or delete on ledger.row for each row execute function ledger.refuse();
create trigger no_truncate before truncate on ledger.row for each statement execute function ledger.refuse();

-- Everything that no month's partition takes, so that no insert ever fails for want of one.
create table ledger.row_default partition of ledger.row default;
create unique index chain_number_default on ledger.row_default (chain, number);
create trigger no_truncate before truncate on ledger.row_default for each statement execute function ledger.refuse();

-- Makes the partitions of this month and some to come; safe to call at any time by anybody who may. A month whose
-- rows went to the default partition already stays there.
create function ledger.partitions(months integer default 3) returns integer
        language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
        first timestamp := date_trunc('month', now() at time zone 'UTC');
        begins timestamptz;
        ends timestamptz;
        name text;
        made integer := 0;
begin
        perform pg_advisory_xact_lock(hashtext('ledger.partitions'));
        for ahead in 0 .. least(months, 24) loop
                begins := (first + make_interval(months => ahead)) at time zone 'UTC';
                ends := (first + make_interval(months => ahead + 1)) at time zone 'UTC';
                name := 'row_' || to_char(begins at time zone 'UTC', 'YYYY_MM');
                continue when to_regclass('ledger.' || name) is not null;
                continue when exists (select from ledger.row_default where at >= begins and at < ends);
                execute format('create table ledger.%I (like ledger.row)', name);
                execute format('create unique index %I on ledger.%I (chain, number)',
                               'chain_number_' || to_char(begins at time zone 'UTC', 'YYYY_MM'), name);
                execute format('alter table ledger.row attach partition ledger.%I for values from (%L) to (%L)',
                               name, begins, ends);
                execute format('create trigger no_truncate before truncate on ledger.%I '
                               'for each statement execute function ledger.refuse()', name);
                made := made + 1;
        end loop;
        return made;
end
$$;
select ledger.partitions();

-- A daemon's role sees and adds to the chain of its own name; the monitor sees all.
alter table ledger.row enable row level security;
create policy users_add on ledger.row for insert to "bulkhead-users" with check (chain = 'users');
create policy users_see on ledger.row for select to "bulkhead-users" using (chain = 'users');
create policy monitor_adds on ledger.row for insert to "bulkhead-monitor" with check (chain = 'monitor');
create policy monitor_sees_all on ledger.row for select to "bulkhead-monitor" using (true);

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
create trigger no_change before update or delete on ledger.checkpoint for each row execute function ledger.refuse();
create trigger no_truncate before truncate on ledger.checkpoint for each statement execute function ledger.refuse();
