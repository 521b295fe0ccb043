"""What texts and values state: figures, words, names, dates; and what a step could know of them."""
