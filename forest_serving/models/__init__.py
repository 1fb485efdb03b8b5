"""The model store, and a model out of it."""
