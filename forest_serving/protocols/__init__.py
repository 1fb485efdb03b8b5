"""One file for each wire protocol: its paths, how it reads a request, writes a reply and tells an error.

endpoint.py has the words in which protocols and the gateway speak to one another, predictor.py what a model can be
asked, routing.py puts all protocols together. To add one: write a file with a function "protocol", and name it in
PROTOCOLS of routing.py.
"""
