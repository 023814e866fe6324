export { causalConv } from './causal-conv';
export { matmul } from './matmul';
export { matmulInt8, matmulInt8Fused } from './matmul-int8';
export { addSoftmax, packNotes, poolAttention } from './pool-attention';
export { add, softplus, suffixSums, survive } from './retention';
export { quantizeRows, rmsScales } from './rows';
export { selectiveScan } from './selective-scan';
