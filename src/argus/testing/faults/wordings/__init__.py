"""What failures look like when they are written down; each pool is ordered, and a seed picks from it."""
