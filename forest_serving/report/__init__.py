"""The report on a prediction log: what was asked and answered, beside the training data, in one file of HTML."""
