"""What is stored under ids, as resources: /features, /features/{id}, and what is predicted for one.

targets.py reads ids and queries, conditions.py If-Match and its like, bodies.py what is sent, asking.py asks the
store; reading.py and writing.py answer, each method by itself; docs.py says so in OpenAPI's words.
"""

from forest_serving.protocols.feature_resources.table import protocol, protocol_of

__all__ = ["protocol", "protocol_of"]
