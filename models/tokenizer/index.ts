export { LOOK_AHEAD } from './pre-tokens.js';
export { Tokenizer, type TokenBatch } from './tokenizer.js';
