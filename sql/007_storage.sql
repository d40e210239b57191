-- The storage clerk: its role, its schema, its chain in the ledger. How disks and pools are is read from the kernel, each
-- time.

select bulkhead.daemon('storage');

-- What became known of the health of disks in the course of time: a row when something changed, 500 a disk at most.
create table storage.disk_history (
        id bigint primary key generated always as identity,
        disk text not null check (octet_length(disk) between 1 and 127),
        at timestamptz not null default now(),
        what text not null check (what in ('smart', 'temperature', 'test')),
        value text not null check (octet_length(value) <= 256)
);
create index disk_history_disk on storage.disk_history (disk, id);
