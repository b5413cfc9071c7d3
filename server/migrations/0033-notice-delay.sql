-- Why: how late the gateway's notices come is looked at with every scrape of the metrics (alipay.md ALI-30); the money
-- of the last hour must be found without reading every attempt there ever was.
create index payment_attempts_by_success on payment_attempts (succeeded_at) where succeeded_at is not null;
