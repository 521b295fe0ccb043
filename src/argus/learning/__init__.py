"""What healthy runs teach: a profile of every field and of what ties values together, joined run by run.

:mod:`argus.learning.profiling` makes the profile of a run and adds a run to a profile, :mod:`argus.learning.merging`
joins profiles, :mod:`argus.learning.relations` says whether a relation holds in a run, :mod:`argus.learning.freezing`
turns a profile into something that people can read and review, and back.
"""
