-- The roles. Nobody logs in with a password: a role is the Unix user of the same name, whom the kernel vouches for
-- (peer authentication). bulkhead_owner owns every schema and cannot log in; no daemon is a member of it, so no
-- daemon can change a table, a trigger or a grant. Run by a superuser (user postgres, at installation).

do $$
begin
        if not exists (select from pg_roles where rolname = 'bulkhead_owner') then
                create role bulkhead_owner nologin;
        end if;
        execute format('revoke all on database %I from public', current_database());
        execute format('grant connect, create on database %I to bulkhead_owner', current_database());
end
$$;

revoke all on schema public from public;

create schema ledger authorization bulkhead_owner;

-- What a table, sequence or function of the owner gives to everybody: nothing. policy/ grants the rest by name.
alter default privileges for role bulkhead_owner revoke all on tables from public;
alter default privileges for role bulkhead_owner revoke all on sequences from public;
alter default privileges for role bulkhead_owner revoke all on functions from public;
alter default privileges for role bulkhead_owner revoke all on types from public;
