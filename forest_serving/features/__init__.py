"""Where rows come from when a client sends ids: one interface, and a file for each kind of store.

Read first source.py, what a store is: a few lines. A store gives what is kept under ids, as JSON objects
{feature: value}; it knows no model. choice.py opens the one that FOREST_FEATURES names.

- A store that answers at once: local.py asks lmdb_store.py, which stands on lmdb_environment.py (how the file is
  opened, and grows) and lmdb_writer.py (changes); lmdb_load.py stores a whole file.
- A store that has to be waited for: fetching.py joins the ids of many requests into batches (batch.py), with a
  deadline, a breaker (breaker.py), a cache (cache.py), and words for clients and the log (telling.py). It asks
  redis_source.py, postgres_source.py, http_source.py, feast_source.py or own_source.py, over kept connections
  (connections.py).
- redis_writes.py changes what is in Redis, records.py is about single records, tally.py is what metrics count.
"""
