"""How data moves: what a node's source reads and writes, and who wrote and read each field of a run."""
