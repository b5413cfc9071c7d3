-- Why: the jobs of payments look for the few rows that are left to do; without these they would read every fact and
-- every order each time.
create index gateway_facts_undone on gateway_facts (id) where done_at is null;
create index orders_by_first_day_paid on orders (start_date) where paid_at is not null;
