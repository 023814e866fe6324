"""Text on disk: the tokenizer, shards of text and tokens, sentences, passages, written questions."""
