"""Static analysis of node functions: their syntax trees are walked with abstract values, nothing is executed."""
