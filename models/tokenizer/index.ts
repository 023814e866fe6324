export { Tokenizer, type TokenBatch } from './tokenizer.js';
export { decodeUtf8, TextError } from './decode-text.js';
