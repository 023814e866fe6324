export { LOOK_AHEAD } from './pre-tokens.js';
export { Tokenizer, type TokenBatch } from './tokenizer.js';
export { decodeUtf8, TextError } from './decode-text.js';
