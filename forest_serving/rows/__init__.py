"""From bytes to rows: one reader for each format, all made from a model card.

numbers.py says what a row is, columns.py which names its numbers have, reader.py puts the readers together.
"""
