"""Turns orders into invoices: read, look up, price line by line in parallel, discount, tax, check, render."""
