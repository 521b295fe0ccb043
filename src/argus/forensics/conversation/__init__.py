"""Blame in logs of messages between agents, where no data flow is recorded."""
