"""Batches for training, made endlessly from the corpus and from planted facts."""
