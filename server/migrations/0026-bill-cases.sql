-- Why: a day whose bill does not come, and a day whose differences wait for a person, are things somebody has to see.
alter table cases drop constraint cases_kind_known;
alter table cases add constraint cases_kind_known check (kind in
  ('unmatched', 'mismatch', 'refund_manual', 'contradiction', 'misconfigured', 'overdue_attempt', 'bill_late',
   'bill_difference'));
