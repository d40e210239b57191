-- The network clerk: its role, its schema, its chain in the ledger. Never a key: those lie with the hand alone.

select bulkhead.daemon('network');

-- What is wanted: certificates fetched from an authority, and since when its terms are accepted. One row or none.
create table network.acme (
        one boolean primary key default true check (one),
        directory text not null check (octet_length(directory) between 1 and 256),
        names text not null check (octet_length(names) between 1 and 8192), -- with commas between
        email text not null check (octet_length(email) <= 254),
        accepted timestamptz not null default now(),
        stopped timestamptz
);
