-- What the users clerk wants to be so, and what it has to find again. Nothing here lets anybody in or makes anybody
-- an administrator: accounts, roles, passwords and keys are Unix's and the users hand's.
set local role bulkhead_owner;

-- Unix numbers of accounts (each with a group of the same number) and of groups alike: a number is given once and
-- never again, also after its account or group is gone.
create sequence users.account_uid as integer minvalue 20000 maxvalue 29999 no cycle;
create sequence users.api_key_id as bigint;

create table users.account (
        uid integer primary key check (uid between 20000 and 29999),
        name text not null unique check (octet_length(name) between 1 and 32),
        full_name text not null default '',
        role text not null check (role in ('viewer', 'user', 'operator', 'admin')),
        enabled boolean not null default true,
        shell boolean not null default false,
        totp boolean not null default false,
        created timestamptz not null default now(),
        last_login timestamptz
);

create table users.session (
        id bigint primary key,
        uid integer not null,
        name text not null,
        created timestamptz not null default now(),
        address text not null default '',
        until timestamptz not null,
        ended timestamptz
);
create index session_open on users.session (uid) where ended is null;

create table users.api_key (
        id bigint primary key,
        uid integer not null,
        name text not null,
        label text not null,
        role text not null check (role in ('viewer', 'user', 'operator', 'admin')),
        read_only boolean not null default false,
        no_destroy boolean not null default false,
        networks text[] not null default '{}',
        created timestamptz not null default now(),
        expires timestamptz,
        revoked timestamptz
);
create index api_key_valid on users.api_key (uid) where revoked is null;

-- One request done once: what was answered to an Idempotency-Key.
create table users.idempotency (
        subject bigint not null,
        key text not null check (octet_length(key) between 1 and 128),
        method text not null,
        digest bytea not null,
        reply text,
        at timestamptz not null default now(),
        primary key (subject, key)
);
create index idempotency_at on users.idempotency (at);
