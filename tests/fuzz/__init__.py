"""Coverage-guided fuzzing of what strangers send (bodies in every format, the bytes of connections) and of the kernel.

targets.py lists what is fuzzed; each target takes bytes and raises if something did wrong. "make fuzz" lets atheris
make up bytes, in an environment of its own (requirements.in). test_corpus.py gives the targets what is kept in corpus/,
in the ordinary environment: seeds, and whatever was once found.
"""
