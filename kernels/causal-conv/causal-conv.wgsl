// Depthwise causal convolution with bias, then silu:
//   y[t, c] = silu(bias[c] + sum_k weight[c, k] * x[t - (D_CONV - 1) + k, c])
// where rows before the segment come from `tail`. Row `length + r` of the grid writes row r of the next tail.
//
// Constants: D_CONV, CHANNELS (channels a workgroup).  Grid: (d_inner / CHANNELS, length + D_CONV - 1).

struct Params {
  length: u32,
  d_inner: u32,
  x_stride: u32,
  x_column: u32,
  y_stride: u32,
  y_column: u32,
}

const BEFORE = D_CONV - 1u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;        // (length, d_inner), rows of x_stride
@group(0) @binding(2) var<storage, read> weight: array<f32>;   // (d_inner, D_CONV), last tap = current token
@group(0) @binding(3) var<storage, read> bias: array<f32>;     // (d_inner)
@group(0) @binding(4) var<storage, read> tail: array<f32>;     // (D_CONV - 1, d_inner), oldest first
@group(0) @binding(5) var<storage, read_write> y: array<f32>;  // (length, d_inner), rows of y_stride
@group(0) @binding(6) var<storage, read_write> next_tail: array<f32>;  // (D_CONV - 1, d_inner)

// Row `row` of the tail followed by the segment.
fn input(row: u32, c: u32) -> f32 {
  if (row < BEFORE) {
    return tail[row * params.d_inner + c];
  }
  return x[(row - BEFORE) * params.x_stride + params.x_column + c];
}

@compute @workgroup_size(CHANNELS)
fn causal_conv(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  let t = id.y;
  if (c >= params.d_inner) {
    return;
  }
  if (t >= params.length) {
    next_tail[(t - params.length) * params.d_inner + c] = input(t, c);
    return;
  }
  var sum = bias[c];
  for (var k = 0u; k < D_CONV; k++) {
    sum += weight[c * D_CONV + k] * input(t + k, c);
  }
  y[t * params.y_stride + params.y_column + c] = silu(sum);
}
