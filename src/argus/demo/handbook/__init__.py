"""Answers questions about a company's handbook: search, rerank, draft from the evidence, review, refine, send."""
