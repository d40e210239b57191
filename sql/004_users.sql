-- What the users clerk has to find again: when accounts were made and last used, sessions and keys to list, requests
-- that must not be done twice. Nothing here lets anybody in or makes anybody an administrator: accounts, roles,
-- passwords, sessions and keys are Unix's and the users hand's.
select bulkhead.daemon('users');

-- Every Unix number that was ever given to an account or a group, so that the files of who is gone never belong to
-- somebody new.
create table users.number (
        number integer primary key check (number between 20000 and 29999),
        name text not null check (octet_length(name) between 1 and 32),
        made timestamptz not null default now(),
        gone timestamptz
);

create table users.account (
        uid integer primary key check (uid between 20000 and 29999),
        name text not null check (octet_length(name) between 1 and 32),
        created timestamptz not null default now(),
        last_login timestamptz,
        totp boolean not null default false,
        gone timestamptz
);

create table users.session (
        id bigint primary key,
        uid bigint not null,
        name text not null,
        address text not null default '',
        created timestamptz not null,
        until timestamptz not null,
        ended timestamptz
);
create index session_open on users.session (created desc) where ended is null;
create index session_uid on users.session (uid) where ended is null;

-- What a check says in a table is read anew by each statement that writes there, all of them, changed or not: a tenth of
-- what renaming a key cost. What a type says is read once.
create domain users.key_number as bigint check (value > 0);
create domain users.label as text check (octet_length(value) between 1 and 64);
create domain users.role as text check (value in ('viewer', 'user', 'operator', 'admin'));

create table users.api_key (
        id users.key_number primary key,
        uid integer not null,
        name text not null,
        label users.label not null,
        role users.role not null,
        read_only boolean not null default false,
        no_destroy boolean not null default false,
        networks text[] not null default '{}',
        created timestamptz not null default now(),
        expires timestamptz,
        made boolean not null default false, -- wanted with the intent, made with the outcome
        revoked timestamptz
);
create index api_key_valid on users.api_key (uid) where revoked is null;
