"""Seams and safety that every layer shares: the guard, the clock, the ids."""
