"""Explanations: exact, additive, and the nearest values that change a class."""
