"""The way of one request over HTTP: gateway.py is all of it on one screen; the others are its parts."""
