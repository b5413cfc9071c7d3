-- Why: the role that serves requests cannot rewrite money or history even if its code is wrong.
-- Roles belong to the whole server, so another database of it may have made them already; a login that may not make
-- roles goes on without them, and its operator grants the same by hand (docs/runbook.md).
do $$
begin
  if not exists (select 1 from pg_roles where rolname = 'ihome_app') then
    create role ihome_app nologin;
  end if;
  if not exists (select 1 from pg_roles where rolname = 'ihome_audit') then
    create role ihome_audit nologin;
  end if;
exception
  when insufficient_privilege then raise notice 'roles ihome_app and ihome_audit were not made: no right to';
  when duplicate_object or unique_violation then null; -- another database of this server made them just now
end $$;

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    grant usage on schema public, audit to ihome_app;
    grant select, insert, update, delete on all tables in schema public to ihome_app;
    grant usage, select on all sequences in schema public to ihome_app;
    revoke update, delete, truncate on ledger_transactions, ledger_entries, order_history from ihome_app;
    revoke delete, truncate on orders, stays, payment_attempts, gateway_facts, refunds, cases from ihome_app;
    revoke insert, update, delete on order_moves, areas, facilities from ihome_app;
    grant insert, update on areas, facilities to ihome_app;
    grant select on all tables in schema audit to ihome_app;
  end if;
  if exists (select 1 from pg_roles where rolname = 'ihome_audit') then
    grant usage on schema audit to ihome_audit;
    grant select on all tables in schema audit to ihome_audit;
  end if;
end $$;
