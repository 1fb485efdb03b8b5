"""From bytes to rows: one reader for each format."""
