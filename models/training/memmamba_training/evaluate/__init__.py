"""What a model can do, measured; tables and pictures of it."""
