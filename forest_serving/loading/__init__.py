"""Features out of a file into a store: python -m forest_serving features.

tables.py opens a file, csv_table.py and parquet_table.py read it in pieces, values.py makes JSON's values of a column,
pieces.py makes records; the stores themselves know how to take many of them.
"""
