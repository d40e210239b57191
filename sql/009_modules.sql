-- The modules clerk. Which modules are enabled stands in its hand's files; here is what each has published last, so that it
-- is known before its program runs again.

select bulkhead.daemon('modules');

create table modules.state (
        module text primary key check (module ~ '^[a-z][a-z0-9]{1,31}$'),
        state text not null check (octet_length(state) <= 262144), -- JSON, as its contract says
        at timestamptz not null default now()
);
