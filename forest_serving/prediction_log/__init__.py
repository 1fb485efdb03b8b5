"""The prediction log: what was asked and answered, kept for whoever looks at the model later. Off unless asked for."""
