// Selective scan (Mamba, arXiv 2312.00752, algorithm 2) by reduce-then-scan over tiles of the sequence:
//   D_t = softplus(raw_t);  h_t = exp(D_t A) h_{t-1} + D_t u_t B_t;  y_t = (h_t C_t + D u_t) silu(z_t)
//   reduce  every tile from a zero state: its end state and its sum of D_t, for the decay across a tile is
//           exp(A * sum D_t);
//   spine   a short scan over tiles turns end states into start states, and adds up the sums;
//   scan    every tile again from its true start, fused with C, skip and gate.
// One invocation owns one channel of one tile and keeps its states in registers; nothing of size
// length * d_inner * d_state is ever written. Rows of B and C are staged in workgroup memory, BLOCK at a time.
//
// Constants: D_STATE, STATE_VEC = ceil(D_STATE / 4), BLOCK (tokens staged at once), CHANNELS (channels a workgroup).
// Grid: reduce and scan (d_inner / CHANNELS, tiles), spine (d_inner / CHANNELS, STATE_VEC).
// States beyond D_STATE are padding: A = B = C = 0 there, so they stay 0.

struct Params {
  length: u32,
  d_inner: u32,
  tiles: u32,
  tile: u32,          // tokens a tile, a multiple of BLOCK
  u_stride: u32,
  u_column: u32,
  raw_stride: u32,
  raw_column: u32,
  z_stride: u32,
  z_column: u32,
  bc_stride: u32,
  b_column: u32,
  c_column: u32,
  y_stride: u32,
  y_column: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> u: array<f32>;     // (length, d_inner), rows of u_stride
@group(0) @binding(2) var<storage, read> raw: array<f32>;   // (length, d_inner), rows of raw_stride
@group(0) @binding(3) var<storage, read> z: array<f32>;     // (length, d_inner), rows of z_stride
@group(0) @binding(4) var<storage, read> bc: array<f32>;    // (length, …) rows of bc_stride that hold B and C
@group(0) @binding(5) var<storage, read> a: array<f32>;     // (d_inner, D_STATE)
@group(0) @binding(6) var<storage, read> d: array<f32>;     // (d_inner)
@group(0) @binding(7) var<storage, read_write> tile_state: array<vec4f>;  // (tiles, STATE_VEC, d_inner)
@group(0) @binding(8) var<storage, read_write> tile_delta: array<f32>;    // (tiles, d_inner)
@group(0) @binding(9) var<storage, read> h: array<f32>;               // (d_inner, D_STATE)
@group(0) @binding(10) var<storage, read_write> next_h: array<f32>;   // (d_inner, D_STATE)
@group(0) @binding(11) var<storage, read_write> delta_sum: array<f32>;  // (d_inner)
@group(0) @binding(12) var<storage, read_write> y: array<f32>;        // (length, d_inner), rows of y_stride

var<workgroup> b_block: array<vec4f, BLOCK * STATE_VEC>;
var<workgroup> c_block: array<vec4f, BLOCK * STATE_VEC>;

// Four states of row `t` of B or C from column `column` on, padded with 0.
fn load_row(t: u32, column: u32, j: u32) -> vec4f {
  var v = vec4f();
  for (var i = 0u; i < 4u; i++) {
    if (4u * j + i < D_STATE) {
      v[i] = bc[t * params.bc_stride + column + 4u * j + i];
    }
  }
  return v;
}

const LOG2_E = 1.4426950408889634;

// Four states' decay rates of channel c for exp2, padded with 0.
fn load_rate(c: u32, j: u32) -> vec4f {
  var v = vec4f();
  for (var i = 0u; i < 4u; i++) {
    if (4u * j + i < D_STATE) {
      v[i] = LOG2_E * a[c * D_STATE + 4u * j + i];
    }
  }
  return v;
}

fn stage_b(first: u32, tokens: u32, lane: u32) {
  for (var i = lane; i < tokens * STATE_VEC; i += CHANNELS) {
    b_block[i] = load_row(first + i / STATE_VEC, params.b_column, i % STATE_VEC);
  }
}

fn stage_c(first: u32, tokens: u32, lane: u32) {
  for (var i = lane; i < tokens * STATE_VEC; i += CHANNELS) {
    c_block[i] = load_row(first + i / STATE_VEC, params.c_column, i % STATE_VEC);
  }
}

// Tokens whose inputs an invocation reads before it computes with the first: it waits for memory once for all.
const RUN = 4u;

@compute @workgroup_size(CHANNELS)
fn reduce(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * CHANNELS + lane;
  let tile = group.y;
  let owned = c < params.d_inner;
  var rate: array<vec4f, STATE_VEC>;
  var state: array<vec4f, STATE_VEC>;
  if (owned) {
    for (var j = 0u; j < STATE_VEC; j++) {
      rate[j] = load_rate(c, j);
    }
  }
  var sum = 0.0;
  let end = min((tile + 1u) * params.tile, params.length);
  for (var first = tile * params.tile; first < end; first += BLOCK) {
    let tokens = min(BLOCK, end - first);
    workgroupBarrier();
    stage_b(first, tokens, lane);
    workgroupBarrier();
    var block = 0.0;
    for (var run = 0u; owned && run < tokens; run += RUN) {
      var deltas: array<f32, RUN>;
      var inputs: array<f32, RUN>;
      for (var r = 0u; r < RUN; r++) {
        let t = first + min(run + r, tokens - 1u);
        deltas[r] = raw[t * params.raw_stride + params.raw_column + c];
        inputs[r] = u[t * params.u_stride + params.u_column + c];
      }
      for (var r = 0u; r < RUN; r++) {
        if (run + r < tokens) {
          let delta = softplus(deltas[r]);
          let write = delta * inputs[r];
          block += delta;
          for (var j = 0u; j < STATE_VEC; j++) {
            state[j] = exp2(delta * rate[j]) * state[j] + write * b_block[(run + r) * STATE_VEC + j];
          }
        }
      }
    }
    sum += block;
  }
  if (owned) {
    for (var j = 0u; j < STATE_VEC; j++) {
      tile_state[(tile * STATE_VEC + j) * params.d_inner + c] = state[j];
    }
    tile_delta[tile * params.d_inner + c] = sum;
  }
}

// Tiles whose sums are added before they join the total: adding in levels keeps rounding small.
const SUM_BLOCK = 64u;
// Tiles read ahead: the chain of states waits for memory once for all of them.
const AHEAD = 8u;

@compute @workgroup_size(CHANNELS)
fn spine(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * CHANNELS + lane;
  let j = group.y;
  if (c >= params.d_inner) {
    return;
  }
  let rate = load_rate(c, j);
  var state = vec4f();
  for (var i = 0u; i < 4u; i++) {
    if (4u * j + i < D_STATE) {
      state[i] = h[c * D_STATE + 4u * j + i];
    }
  }
  var total = 0.0;
  var block = 0.0;
  var sums: array<f32, AHEAD>;
  var ends: array<vec4f, AHEAD>;
  for (var first = 0u; first < params.tiles; first += AHEAD) {
    for (var i = 0u; i < AHEAD; i++) {
      let tile = min(first + i, params.tiles - 1u);
      sums[i] = tile_delta[tile * params.d_inner + c];
      ends[i] = tile_state[(tile * STATE_VEC + j) * params.d_inner + c];
    }
    for (var i = 0u; i < AHEAD; i++) {
      if (first + i < params.tiles) {
        tile_state[((first + i) * STATE_VEC + j) * params.d_inner + c] = state;
        state = exp2(rate * sums[i]) * state + ends[i];
        block += sums[i];
      }
    }
    if (first % SUM_BLOCK == SUM_BLOCK - AHEAD) {
      total += block;
      block = 0.0;
    }
  }
  for (var i = 0u; i < 4u; i++) {
    if (4u * j + i < D_STATE) {
      next_h[c * D_STATE + 4u * j + i] = state[i];
    }
  }
  if (j == 0u) {
    delta_sum[c] = total + block;
  }
}

@compute @workgroup_size(CHANNELS)
fn scan(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * CHANNELS + lane;
  let tile = group.y;
  let owned = c < params.d_inner;
  var rate: array<vec4f, STATE_VEC>;
  var state: array<vec4f, STATE_VEC>;
  var skip = 0.0;
  if (owned) {
    skip = d[c];
    for (var j = 0u; j < STATE_VEC; j++) {
      rate[j] = load_rate(c, j);
      state[j] = tile_state[(tile * STATE_VEC + j) * params.d_inner + c];
    }
  }
  let end = min((tile + 1u) * params.tile, params.length);
  for (var first = tile * params.tile; first < end; first += BLOCK) {
    let tokens = min(BLOCK, end - first);
    workgroupBarrier();
    stage_b(first, tokens, lane);
    stage_c(first, tokens, lane);
    workgroupBarrier();
    for (var run = 0u; owned && run < tokens; run += RUN) {
      var deltas: array<f32, RUN>;
      var inputs: array<f32, RUN>;
      var gates: array<f32, RUN>;
      for (var r = 0u; r < RUN; r++) {
        let t = first + min(run + r, tokens - 1u);
        deltas[r] = raw[t * params.raw_stride + params.raw_column + c];
        inputs[r] = u[t * params.u_stride + params.u_column + c];
        gates[r] = z[t * params.z_stride + params.z_column + c];
      }
      for (var r = 0u; r < RUN; r++) {
        if (run + r < tokens) {
          let i = run + r;
          let delta = softplus(deltas[r]);
          let write = delta * inputs[r];
          var read = vec4f();
          for (var j = 0u; j < STATE_VEC; j++) {
            state[j] = exp2(delta * rate[j]) * state[j] + write * b_block[i * STATE_VEC + j];
            read += state[j] * c_block[i * STATE_VEC + j];
          }
          let sum = read.x + read.y + read.z + read.w + skip * inputs[r];
          y[(first + i) * params.y_stride + params.y_column + c] = sum * silu(gates[r]);
        }
      }
    }
  }
}
