"""The numbers that scikit-learn's trees take: they round each value to float32, half to even, before they compare it.

HistGradientBoosting alone compares doubles.
"""

import numpy as np

# A number at or beyond this rounds to infinity in float32.
DOMAIN_LIMIT = 3.4028235677973366e38
LARGEST = float(np.nextafter(DOMAIN_LIMIT, 0))  # the largest double that does not
