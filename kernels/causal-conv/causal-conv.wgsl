// Depthwise causal convolution with bias, then silu:
//   y[t, c] = silu(bias[c] + sum_k weight[c, k] * x[t - (D_CONV - 1) + k, c])
// where rows before the segment come from `tail`. An invocation computes ROWS tokens of one channel with the last
// D_CONV inputs in registers. Row `length + r` of the grid writes row r of the next tail.
//
// Constants: D_CONV, CHANNELS (channels a workgroup), ROWS.
// Grid: (d_inner / CHANNELS, (length + D_CONV - 1) / ROWS).

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
  if (c >= params.d_inner) {
    return;
  }
  let first = id.y * ROWS;
  let end = params.length + BEFORE;
  var taps: array<f32, D_CONV>;
  var window: array<f32, D_CONV>;
  for (var k = 0u; k < D_CONV; k++) {
    taps[k] = weight[c * D_CONV + k];
    if (k < BEFORE && first + k < end) {
      window[k] = input(first + k, c);
    }
  }
  let offset = bias[c];
  for (var t = first; t < min(first + ROWS, end); t++) {
    if (t >= params.length) {
      next_tail[(t - params.length) * params.d_inner + c] = window[0];
    } else {
      window[BEFORE] = input(t + BEFORE, c);
      var sum = offset;
      for (var k = 0u; k < D_CONV; k++) {
        sum += taps[k] * window[k];
      }
      y[t * params.y_stride + params.y_column + c] = silu(sum);
    }
    for (var k = 0u; k < BEFORE; k++) {
      window[k] = window[k + 1u];
    }
  }
}
