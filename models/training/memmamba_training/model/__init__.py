"""The model as it is trained, its configuration, its weights in a file, and models to compare with."""
