"""Facts that are planted into text, and the questions about them."""
