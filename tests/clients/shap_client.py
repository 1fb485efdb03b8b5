"""shap's values of stored models and rows. Usage: shap_client.py FILE, which holds by name a model and its rows."""

import json
import sys

import joblib
import numpy as np
from shap import TreeExplainer

found = {}
for name, (model, rows) in joblib.load(sys.argv[1]).items():
    explainer = TreeExplainer(model)
    values = np.asarray(explainer.shap_values(rows, check_additivity=False))  # which it fails at times
    found[name] = {"base": np.ravel(explainer.expected_value).tolist(), "contributions": values.tolist()}
print(json.dumps(found))
