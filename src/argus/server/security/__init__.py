"""Who may ask, from where, and what answers carry so that a browser keeps to it."""
