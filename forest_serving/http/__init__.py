"""The way of one request over HTTP."""
