// Baseline of the benchmark: the selective scan with one invocation a channel over the whole sequence.
//
// Constants: D_STATE, LANES.  Grid: (d_inner / LANES).

struct Params {
  length: u32,
  d_inner: u32,
  bc_stride: u32,
  b_column: u32,
  c_column: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> u: array<f32>;              // (length, d_inner)
@group(0) @binding(2) var<storage, read> raw: array<f32>;            // (length, d_inner)
@group(0) @binding(3) var<storage, read> z: array<f32>;              // (length, d_inner)
@group(0) @binding(4) var<storage, read> bc: array<f32>;             // (length, …) rows of bc_stride
@group(0) @binding(5) var<storage, read> a: array<f32>;              // (d_inner, D_STATE)
@group(0) @binding(6) var<storage, read> d: array<f32>;              // (d_inner)
@group(0) @binding(7) var<storage, read_write> h: array<f32>;        // (d_inner, D_STATE)
@group(0) @binding(8) var<storage, read_write> y: array<f32>;        // (length, d_inner)

@compute @workgroup_size(LANES)
fn serial_scan(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c >= params.d_inner) {
    return;
  }
  var rate: array<f32, D_STATE>;
  var state: array<f32, D_STATE>;
  for (var n = 0u; n < D_STATE; n++) {
    rate[n] = a[c * D_STATE + n];
    state[n] = h[c * D_STATE + n];
  }
  for (var t = 0u; t < params.length; t++) {
    let at = t * params.d_inner + c;
    let delta = softplus(raw[at]);
    var read = d[c] * u[at];
    for (var n = 0u; n < D_STATE; n++) {
      let row = t * params.bc_stride + n;
      state[n] = exp(delta * rate[n]) * state[n] + delta * u[at] * bc[row + params.b_column];
      read += state[n] * bc[row + params.c_column];
    }
    y[at] = read * silu(z[at]);
  }
  for (var n = 0u; n < D_STATE; n++) {
    h[c * D_STATE + n] = state[n];
  }
}
