"""Runs that train a model or a head of it, and what a run is made of."""
