"""A brief for whoever is to mend a pipeline, a person or a coding agent."""
