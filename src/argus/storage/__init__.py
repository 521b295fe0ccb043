"""Where traces are kept: one contract, several backends."""
