export { causalConv } from './causal-conv';
export { poolAttention } from './pool-attention';
export { add, softplus, suffixSums, survive } from './retention';
export { selectiveScan } from './selective-scan';
