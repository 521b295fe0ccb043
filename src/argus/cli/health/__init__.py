"""What ``argus doctor`` looks at."""
