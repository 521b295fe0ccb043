"""Views of a run, drawn as lines of text."""
