"""Training, evaluation and export of MemMamba: the README says which package holds what."""
