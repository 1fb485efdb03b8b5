"""The parts behind service.py and train_and_save.py.

Read schema.py first (what a flower and an answer are), then engines/ (how a forest becomes arrays that answer exactly
as it does), model_store.py (how they are kept) and gateway.py (how a request is answered). docs/architecture.md draws
who may import whom.
"""

__version__ = "0.1.0"
