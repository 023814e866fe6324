"""The operators that PyTorch lacks, as plain loops and on a GPU."""
