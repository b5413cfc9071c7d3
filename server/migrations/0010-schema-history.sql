-- Why: which migrations have run is the owner's to say. The role that serves requests reads it for /readyz and no more.
do $$
begin
  if exists (select 1 from pg_roles where rolname = 'ihome_app') then
    revoke insert, update, delete, truncate on schema_migrations, schema_migrations_lock from ihome_app;
  end if;
end $$;
