"""The records that flow through ARGUS: immutable, typed, JSON-serialisable."""
