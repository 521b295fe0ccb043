"""From a finished recording to a stored, explained trace."""
