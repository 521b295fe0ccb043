"""Finding faults in a trace: one file per detector, four layers, one engine."""
