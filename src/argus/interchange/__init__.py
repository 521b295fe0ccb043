"""Runs that were recorded elsewhere: read within limits, into traces."""
