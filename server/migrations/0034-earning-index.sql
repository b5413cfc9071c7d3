-- Why: what a host gets back of a refund that was given up is an earning to pay out as well, so the job that opens payouts
-- looks for such postings too.

create index ledger_transactions_paid_out on ledger_transactions (posted_at) where event in ('accrue', 'cancel', 'clawback');
drop index ledger_transactions_earning;
