"""Where a failure came from: symptoms, the data that led to them, suspects, and the story in words."""
