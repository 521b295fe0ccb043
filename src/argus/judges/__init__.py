"""What judges texts: the built-in word vectors, and language models behind the same ports."""
