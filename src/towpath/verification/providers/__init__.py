"""Metric providers, one module each: strangers to one another, who reach the outside by their context only."""
