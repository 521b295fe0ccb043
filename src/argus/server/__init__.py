"""The trace API over HTTP and the web interface, on this machine and with a token only."""
