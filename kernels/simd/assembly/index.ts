export { causalConv } from './causal-conv';
export { poolAttention } from './pool-attention';
export { selectiveScan } from './selective-scan';
