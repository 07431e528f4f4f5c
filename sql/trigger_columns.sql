-- Each update notes in change_info what happened to the amount. Of two triggers on one event
-- PostgreSQL fires the one whose name sorts first: this one, before trigger_record_user_update.
CREATE OR REPLACE FUNCTION record_change_columns()
RETURNS TRIGGER AS $$
DECLARE
  change_details JSONB;
BEGIN
  change_details := '{}'::JSONB; -- empty JSON object

  -- Check if the amount column has changed
  IF NEW.amount IS DISTINCT FROM OLD.amount THEN
    change_details := jsonb_insert(change_details, '{amount}', jsonb_build_object('old', OLD.amount, 'new', NEW.amount));
  END IF;

  -- Adding the user and timestamp
  change_details := change_details || jsonb_build_object('modified_by', current_user, 'modified_at', now());

  -- Update the change_info column
  NEW.change_info := change_details;

  RETURN NEW;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER trigger_record_change_info
BEFORE UPDATE ON transactions
FOR EACH ROW EXECUTE FUNCTION record_change_columns();
