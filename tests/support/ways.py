"""The two ways in which a server answers a request, as settings; both must say the same.

Tests of what lies outside of them, such as how a server starts, ask one that answers as shipped.
"""

import pytest

LANE = {}  # as shipped: in the lane what came whole and small
ASGI = {"FOREST_LANE": "false"}
AS_SHIPPED = pytest.mark.parametrize("way", [LANE], ids=["lane"], indirect=True)
