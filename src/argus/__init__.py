"""ARGUS finds the failures in agent pipelines that raise no exception."""
