"""Where watched code meets ARGUS: each framework's calls become steps of a run."""
