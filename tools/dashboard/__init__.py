"""Grafana's dashboard, written in Python: panels are functions of queries, which are functions of metrics."""
