"""Reports over many runs."""
