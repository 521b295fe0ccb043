"""The command line: ``main`` and one module per command, loaded when it is called."""
