-- The table of simulated financial transactions. affiliateId is not quoted: PostgreSQL folds it to
-- affiliateid, and that is how it arrives in the changes.
CREATE TABLE transactions (
    transaction_id VARCHAR(255) PRIMARY KEY,
    user_id VARCHAR(255),
    timestamp TIMESTAMP,
    amount DECIMAL,
    currency VARCHAR(255),
    city VARCHAR(255),
    country VARCHAR(255),
    merchant_name VARCHAR(255),
    payment_method VARCHAR(255),
    ip_address VARCHAR(255),
    voucher_code VARCHAR(255),
    affiliateId VARCHAR(255),
    modified_by TEXT,
    modified_at TIMESTAMP,
    change_info JSONB
);
