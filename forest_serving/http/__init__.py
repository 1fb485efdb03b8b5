"""The way of one request over HTTP: gateway.py is all of it; the others are its parts."""
