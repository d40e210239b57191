-- The ledger: one chain of hashed rows for each daemon (libnas/ledger/ledger.h says what is hashed). Rows can be
-- added, by each daemon's role to its own chain only; nobody can change or remove one.
--
-- Why (chain, number) is unique although a partitioned table cannot say so (its key would have to hold "at"): every
-- insert goes through the trigger "append", which moves the chain's one row in ledger.head from number - 1 to number
-- and fails when it is not there. That row is locked until the transaction ends, so two writers of one chain wait for
-- each other, and the second finds a head that no longer fits. The same check makes a chain without gaps or forks.
-- Who owns the database can switch a trigger off; that is what hashes, signed checkpoints and the verifier are for.
set local role bulkhead_owner;

create type ledger.kind as enum ('intent', 'outcome', 'refusal', 'event', 'checkpoint');

create sequence ledger.row_numbers as bigint;

create table ledger.row (
        id bigint not null, -- place in the whole ledger, given by the trigger; pages are cut by it
        chain text not null check (chain ~ '^[a-z]{1,31}$'),
        number bigint not null check (number > 0),
        at timestamptz not null check (isfinite(at)),
        kind ledger.kind not null,
        request text not null check (octet_length(request) <= 64),
        plan text not null check (octet_length(plan) <= 64),
        actor bigint not null check (actor between 0 and 4294967295),
        actor_name text not null check (octet_length(actor_name) <= 64),
        source text not null check (octet_length(source) <= 128),
        method text not null check (octet_length(method) <= 128),
        object text not null check (octet_length(object) <= 256),
        outcome text not null check (octet_length(outcome) <= 32),
        detail text not null check (octet_length(detail) <= 1048576),
        digest bytea not null check (octet_length(digest) = 32),
        before bytea not null check (octet_length(before) = 32),
        hash bytea not null check (octet_length(hash) = 32)
) partition by range (at);

create index row_chain on ledger.row (chain, number, id);
create index row_id on ledger.row (id);
create index row_at on ledger.row (at, id);
create index row_actor on ledger.row (actor_name, id);
create index row_method on ledger.row (method, id);
create index row_outcome on ledger.row (outcome, id);
create index row_kind on ledger.row (kind, id);
create index row_plan on ledger.row (plan);

-- Where each chain stands. Moved by the trigger below and by nothing else.
create table ledger.head (
        chain text primary key,
        number bigint not null,
        hash bytea not null
) with (fillfactor = 10);

create function ledger.append() returns trigger
        language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
        update ledger.head set number = new.number, hash = new.hash
                where chain = new.chain and number = new.number - 1 and hash = new.before;
        if not found then
                raise exception 'row % does not follow the head of chain %', new.number, new.chain
                        using errcode = 'BH001';
        end if;
        new.id := nextval('ledger.row_numbers');
        return new;
end
$$;
create trigger append before insert on ledger.row for each row execute function ledger.append();

-- The head of one's own chain, once every writer before has ended: waits for whoever still holds it.
create function ledger.resume(wanted text, out number bigint, out hash text)
        language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
        if session_user <> 'bulkhead-' || wanted and not pg_has_role(session_user, 'bulkhead_owner', 'member') then
                raise exception 'chain % is not yours', wanted using errcode = '42501';
        end if;
        insert into ledger.head values (wanted, 0, decode(repeat('00', 32), 'hex')) on conflict do nothing;
        select h.number, encode(h.hash, 'hex') into strict resume.number, resume.hash
                from ledger.head h where h.chain = wanted for update;
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
                execute format('create table ledger.%I (like ledger.row including constraints)', name);
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
create policy own_chain on ledger.row
        using (chain = substr(current_user::text, 10)) with check (chain = substr(current_user::text, 10));
create policy monitor_sees_all on ledger.row for select to "bulkhead-monitor" using (true);

-- Heads signed by the users hand, which keeps them in files of its own as well.
create table ledger.checkpoint (
        chain text not null,
        number bigint not null check (number > 0),
        hash bytea not null check (octet_length(hash) = 32),
        at timestamptz not null check (isfinite(at)), -- whole seconds: they are signed
        key_id bigint not null,
        signature bytea not null check (octet_length(signature) = 64),
        primary key (chain, number, at, key_id)
);
create trigger no_change before update or delete on ledger.checkpoint for each row execute function ledger.refuse();
create trigger no_truncate before truncate on ledger.checkpoint for each statement execute function ledger.refuse();
