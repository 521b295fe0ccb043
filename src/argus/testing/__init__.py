"""Shipped test tools: builders, and the suites that third-party stores and detectors run."""
