"""Worked problems outside the catalogue, and an independent implementation of what they ask."""
