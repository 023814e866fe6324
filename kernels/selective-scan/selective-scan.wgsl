// Selective scan (Mamba, arXiv 2312.00752, algorithm 2) by reduce-then-scan over tiles of the sequence:
//   D_t = softplus(raw_t), or raw_t itself;  h_t = exp(D_t A) h_{t-1} + D_t u_t B_t;  y_t = (h_t C_t + D u_t) silu(z_t)
//   reduce  every tile from a zero state: its end state and its sum of D_t, for the decay across a tile is
//           exp(A * sum D_t);
//   spine   a short scan over tiles turns end states into start states, and adds up the sums;
//   scan    every tile again from its true start, fused with C, skip and gate.
// One invocation owns one channel of one tile and keeps its states in registers; nothing of size
// length * d_inner * d_state is ever written. What it will need next is on its way while it computes: inputs of the next
// RUN tokens in registers, rows of B and C of the next BLOCK tokens in the other half of workgroup memory, the next
// AHEAD tiles of the spine.
//
// Constants: D_STATE, STATE_VEC = ceil(D_STATE / 4), BLOCK (tokens staged at once, a multiple of RUN), LANES,
// SPINE_LANES, SOFTPLUS (0 or 1).
// Grid: reduce and scan (d_inner / LANES, tiles), spine (d_inner / SPINE_LANES, D_STATE).
// A comes from decay-rates.wgsl or decay-rates-vec4.wgsl. States beyond D_STATE are padding: A = B = C = 0 there, so
// they stay 0. Tokens beyond a tile's end have D = u = 0 and change nothing, so the inner loops need no branches.

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
@group(0) @binding(6) var<storage, read> d: array<f32>;     // (d_inner)
@group(0) @binding(7) var<storage, read_write> tile_state: array<f32>;    // (tiles, D_STATE, d_inner)
@group(0) @binding(8) var<storage, read_write> tile_delta: array<f32>;    // (tiles, d_inner)
@group(0) @binding(9) var<storage, read> h: array<f32>;               // (d_inner, D_STATE)
@group(0) @binding(10) var<storage, read_write> next_h: array<f32>;   // (d_inner, D_STATE)
@group(0) @binding(11) var<storage, read_write> delta_sum: array<f32>;  // (d_inner)
@group(0) @binding(12) var<storage, read_write> y: array<f32>;        // (length, d_inner), rows of y_stride

// Two halves: one is read while the other is filled.
var<workgroup> b_block: array<vec4f, 2u * BLOCK * STATE_VEC>;
var<workgroup> c_block: array<vec4f, 2u * BLOCK * STATE_VEC>;

alias States = array<vec4f, STATE_VEC>;

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

// Decay rates of channel c for exp2.
fn load_rates(c: u32) -> States {
  var rates: States;
  for (var j = 0u; j < STATE_VEC; j++) {
    rates[j] = LOG2_E * load_a(c, j);
  }
  return rates;
}

// A lane's share of a block of B or C: vectors LANES apart.
const STAGED = (BLOCK * STATE_VEC + LANES - 1u) / LANES;
alias Staged = array<vec4f, STAGED>;

// Of the block whose first token is `first`; of rows behind the last token, which nothing reads, the last.
fn load_block(first: u32, column: u32, lane: u32) -> Staged {
  var rows: Staged;
  for (var k = 0u; k < STAGED; k++) {
    let i = lane + k * LANES;
    rows[k] = load_row(min(first + i / STATE_VEC, params.length - 1u), column, i % STATE_VEC);
  }
  return rows;
}

fn stage_b(rows: Staged, half: u32, lane: u32) {
  for (var k = 0u; k < STAGED; k++) {
    let i = lane + k * LANES;
    if (i < BLOCK * STATE_VEC) {
      b_block[half * BLOCK * STATE_VEC + i] = rows[k];
    }
  }
}

fn stage_c(rows: Staged, half: u32, lane: u32) {
  for (var k = 0u; k < STAGED; k++) {
    let i = lane + k * LANES;
    if (i < BLOCK * STATE_VEC) {
      c_block[half * BLOCK * STATE_VEC + i] = rows[k];
    }
  }
}

// Tokens whose inputs an invocation reads at a time, one run ahead.
const RUN = 4u;
alias Run = array<f32, RUN>;

// D of channel c from token `at` on, 0 from `end` on.
fn load_deltas(at: u32, end: u32, c: u32) -> Run {
  var run: Run;
  for (var r = 0u; r < RUN; r++) {
    let value = raw[min(at + r, end - 1u) * params.raw_stride + params.raw_column + c];
    run[r] = select(0.0, select(value, softplus(value), SOFTPLUS == 1u), at + r < end);
  }
  return run;
}

// u of channel c from token `at` on, 0 from `end` on.
fn load_inputs(at: u32, end: u32, c: u32) -> Run {
  var run: Run;
  for (var r = 0u; r < RUN; r++) {
    run[r] = select(0.0, u[min(at + r, end - 1u) * params.u_stride + params.u_column + c], at + r < end);
  }
  return run;
}

// z of channel c from token `at` on.
fn load_gates(at: u32, end: u32, c: u32) -> Run {
  var run: Run;
  for (var r = 0u; r < RUN; r++) {
    run[r] = z[min(at + r, end - 1u) * params.z_stride + params.z_column + c];
  }
  return run;
}

@compute @workgroup_size(LANES)
fn reduce(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = group.y;
  let channel = group.x * LANES + lane;
  // Lanes beyond the last channel compute with it and write nothing.
  let c = min(channel, params.d_inner - 1u);
  let begin = tile * params.tile;
  let end = min(begin + params.tile, params.length);
  var deltas = load_deltas(begin, end, c);
  var inputs = load_inputs(begin, end, c);
  let rates = load_rates(c);
  stage_b(load_block(begin, params.b_column, lane), 0u, lane);
  workgroupBarrier();
  var state: States;
  var sum = 0.0;
  var half = 0u;
  for (var first = begin; first < end; first += BLOCK) {
    let next_b = load_block(first + BLOCK, params.b_column, lane);
    // Zeroed in words: not every driver zeroes a variable again that a loop declares.
    var block = 0.0;
    for (var run = 0u; run < BLOCK; run += RUN) {
      let now_deltas = deltas;
      let now_inputs = inputs;
      deltas = load_deltas(first + run + RUN, end, c);
      inputs = load_inputs(first + run + RUN, end, c);
      for (var r = 0u; r < RUN; r++) {
        let row = (half * BLOCK + run + r) * STATE_VEC;
        let written = now_deltas[r] * now_inputs[r];
        block += now_deltas[r];
        for (var j = 0u; j < STATE_VEC; j++) {
          state[j] = exp2(now_deltas[r] * rates[j]) * state[j] + written * b_block[row + j];
        }
      }
    }
    sum += block;
    half = 1u - half;
    stage_b(next_b, half, lane);
    workgroupBarrier();
  }
  if (channel < params.d_inner) {
    for (var j = 0u; j < STATE_VEC; j++) {
      for (var i = 0u; i < 4u; i++) {
        if (4u * j + i < D_STATE) {
          tile_state[(tile * D_STATE + 4u * j + i) * params.d_inner + channel] = state[j][i];
        }
      }
    }
    tile_delta[tile * params.d_inner + channel] = sum;
  }
}

// Tiles whose sums are added before they join the total: adding in levels keeps rounding small.
const SUM_BLOCK = 64u;
// Tiles read at a time, and as many again ahead.
const AHEAD = 16u;
alias Tiles = array<f32, AHEAD>;

fn load_sums(first: u32, c: u32) -> Tiles {
  var sums: Tiles;
  for (var i = 0u; i < AHEAD; i++) {
    sums[i] = tile_delta[min(first + i, params.tiles - 1u) * params.d_inner + c];
  }
  return sums;
}

fn load_ends(first: u32, n: u32, c: u32) -> Tiles {
  var ends: Tiles;
  for (var i = 0u; i < AHEAD; i++) {
    ends[i] = tile_state[(min(first + i, params.tiles - 1u) * D_STATE + n) * params.d_inner + c];
  }
  return ends;
}

@compute @workgroup_size(SPINE_LANES)
fn spine(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * SPINE_LANES + lane;
  let n = group.y;
  if (c >= params.d_inner) {
    return;
  }
  let rate = LOG2_E * a_of(c, n);
  var state = h[c * D_STATE + n];
  var total = 0.0;
  var block = 0.0;
  var sums = load_sums(0u, c);
  var ends = load_ends(0u, n, c);
  for (var first = 0u; first < params.tiles; first += AHEAD) {
    let now_sums = sums;
    let now_ends = ends;
    // These lie behind the last tile, or are not written before they are read.
    sums = load_sums(first + AHEAD, c);
    ends = load_ends(first + AHEAD, n, c);
    for (var i = 0u; i < AHEAD; i++) {
      if (first + i < params.tiles) {
        tile_state[((first + i) * D_STATE + n) * params.d_inner + c] = state;
        state = exp2(rate * now_sums[i]) * state + now_ends[i];
        block += now_sums[i];
      }
    }
    if (first % SUM_BLOCK == SUM_BLOCK - AHEAD) {
      total += block;
      block = 0.0;
    }
  }
  next_h[c * D_STATE + n] = state;
  if (n == 0u) {
    delta_sum[c] = total + block;
  }
}

@compute @workgroup_size(LANES)
fn scan(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = group.y;
  let channel = group.x * LANES + lane;
  let c = min(channel, params.d_inner - 1u);
  let begin = tile * params.tile;
  let end = min(begin + params.tile, params.length);
  var deltas = load_deltas(begin, end, c);
  var inputs = load_inputs(begin, end, c);
  var gates = load_gates(begin, end, c);
  let rates = load_rates(c);
  let skip = d[c];
  var state: States;
  for (var j = 0u; j < STATE_VEC; j++) {
    for (var i = 0u; i < 4u; i++) {
      if (4u * j + i < D_STATE) {
        state[j][i] = tile_state[(tile * D_STATE + 4u * j + i) * params.d_inner + c];
      }
    }
  }
  stage_b(load_block(begin, params.b_column, lane), 0u, lane);
  stage_c(load_block(begin, params.c_column, lane), 0u, lane);
  workgroupBarrier();
  var half = 0u;
  for (var first = begin; first < end; first += BLOCK) {
    let next_b = load_block(first + BLOCK, params.b_column, lane);
    let next_c = load_block(first + BLOCK, params.c_column, lane);
    for (var run = 0u; run < BLOCK; run += RUN) {
      let now_deltas = deltas;
      let now_inputs = inputs;
      let now_gates = gates;
      deltas = load_deltas(first + run + RUN, end, c);
      inputs = load_inputs(first + run + RUN, end, c);
      gates = load_gates(first + run + RUN, end, c);
      for (var r = 0u; r < RUN; r++) {
        let row = (half * BLOCK + run + r) * STATE_VEC;
        let written = now_deltas[r] * now_inputs[r];
        var read = vec4f();
        for (var j = 0u; j < STATE_VEC; j++) {
          state[j] = exp2(now_deltas[r] * rates[j]) * state[j] + written * b_block[row + j];
          read += state[j] * c_block[row + j];
        }
        if (channel < params.d_inner && first + run + r < end) {
          let sum = read.x + read.y + read.z + read.w + skip * now_inputs[r];
          y[(first + run + r) * params.y_stride + params.y_column + c] = sum * silu(now_gates[r]);
        }
      }
    }
    half = 1u - half;
    stage_b(next_b, half, lane);
    stage_c(next_c, half, lane);
    workgroupBarrier();
  }
}
