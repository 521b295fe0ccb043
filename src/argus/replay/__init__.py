"""A recorded run again from any of its steps: what came before from the record, the rest for real."""
