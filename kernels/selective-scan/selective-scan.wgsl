// Selective scan (Mamba, arXiv 2312.00752, algorithm 2) by reduce-then-scan over tiles of the sequence:
//   D_t = softplus(raw_t), or raw_t itself;  h_t = exp(D_t A) h_{t-1} + D_t u_t B_t;  y_t = (h_t C_t + D u_t) silu(z_t)
//   reduce  every tile from a zero state: its end state and its sum of D_t, for the decay across a tile is
//           exp(A * sum D_t);
//   spine   a short scan over tiles turns end states into start states, and adds up the sums;
//   scan    every tile again from its true start, fused with C, skip and gate.
// One invocation owns CHANNEL_RUN channels of one tile, LANES apart, and keeps their states in registers; nothing of
// size length * d_inner * d_state is ever written. Rows of B and C are staged in workgroup memory, BLOCK at a time.
//
// Constants: D_STATE, STATE_VEC = ceil(D_STATE / 4), BLOCK (tokens staged at once), LANES, CHANNEL_RUN,
// SOFTPLUS (0 or 1).
// Grid: reduce and scan (d_inner / (LANES * CHANNEL_RUN), tiles), spine (d_inner / LANES, D_STATE).
// States beyond D_STATE are padding: A = B = C = 0 there, so they stay 0. Tokens beyond a tile's end have D = u = 0 and
// change nothing, so the inner loops need no branches.

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
@group(0) @binding(7) var<storage, read_write> tile_state: array<f32>;    // (tiles, D_STATE, d_inner)
@group(0) @binding(8) var<storage, read_write> tile_delta: array<f32>;    // (tiles, d_inner)
@group(0) @binding(9) var<storage, read> h: array<f32>;               // (d_inner, D_STATE)
@group(0) @binding(10) var<storage, read_write> next_h: array<f32>;   // (d_inner, D_STATE)
@group(0) @binding(11) var<storage, read_write> delta_sum: array<f32>;  // (d_inner)
@group(0) @binding(12) var<storage, read_write> y: array<f32>;        // (length, d_inner), rows of y_stride

var<workgroup> b_block: array<vec4f, BLOCK * STATE_VEC>;
var<workgroup> c_block: array<vec4f, BLOCK * STATE_VEC>;

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

// Decay rates of channel c for exp2, padded with 0.
fn load_rates(c: u32) -> States {
  var rates: States;
  for (var j = 0u; j < STATE_VEC; j++) {
    for (var i = 0u; i < 4u; i++) {
      if (4u * j + i < D_STATE) {
        rates[j][i] = LOG2_E * a[c * D_STATE + 4u * j + i];
      }
    }
  }
  return rates;
}

fn stage_b(first: u32, tokens: u32, lane: u32) {
  for (var i = lane; i < tokens * STATE_VEC; i += LANES) {
    b_block[i] = load_row(first + i / STATE_VEC, params.b_column, i % STATE_VEC);
  }
}

fn stage_c(first: u32, tokens: u32, lane: u32) {
  for (var i = lane; i < tokens * STATE_VEC; i += LANES) {
    c_block[i] = load_row(first + i / STATE_VEC, params.c_column, i % STATE_VEC);
  }
}

// D_t of channel c, 0 where the token is not `inside` its tile.
fn load_delta(t: u32, c: u32, inside: bool) -> f32 {
  let value = raw[t * params.raw_stride + params.raw_column + c];
  return select(0.0, select(value, softplus(value), SOFTPLUS == 1u), inside);
}

fn load_input(t: u32, c: u32, inside: bool) -> f32 {
  return select(0.0, u[t * params.u_stride + params.u_column + c], inside);
}

// Tokens whose inputs an invocation reads before it computes with the first: it waits for memory once for all.
const RUN = 4u;

@compute @workgroup_size(LANES)
fn reduce(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = group.y;
  // Lanes beyond the last channel compute with it and write nothing.
  var channel: array<u32, CHANNEL_RUN>;
  var rates: array<States, CHANNEL_RUN>;
  var states: array<States, CHANNEL_RUN>;
  var sums: array<f32, CHANNEL_RUN>;
  for (var q = 0u; q < CHANNEL_RUN; q++) {
    channel[q] = min((group.x * CHANNEL_RUN + q) * LANES + lane, params.d_inner - 1u);
    rates[q] = load_rates(channel[q]);
  }
  let end = min((tile + 1u) * params.tile, params.length);
  for (var first = tile * params.tile; first < end; first += BLOCK) {
    let tokens = min(BLOCK, end - first);
    workgroupBarrier();
    stage_b(first, tokens, lane);
    workgroupBarrier();
    // Zeroed in words: not every driver zeroes a variable again that a loop declares.
    var block = array<f32, CHANNEL_RUN>();
    for (var run = 0u; run < tokens; run += RUN) {
      var deltas: array<array<f32, CHANNEL_RUN>, RUN>;
      var inputs: array<array<f32, CHANNEL_RUN>, RUN>;
      for (var r = 0u; r < RUN; r++) {
        let inside = run + r < tokens;
        let t = first + min(run + r, tokens - 1u);
        for (var q = 0u; q < CHANNEL_RUN; q++) {
          deltas[r][q] = load_delta(t, channel[q], inside);
          inputs[r][q] = load_input(t, channel[q], inside);
        }
      }
      for (var r = 0u; r < RUN; r++) {
        let row = min(run + r, tokens - 1u) * STATE_VEC;
        for (var q = 0u; q < CHANNEL_RUN; q++) {
          block[q] += deltas[r][q];
        }
        for (var j = 0u; j < STATE_VEC; j++) {
          let b = b_block[row + j];
          for (var q = 0u; q < CHANNEL_RUN; q++) {
            let decay = exp2(deltas[r][q] * rates[q][j]);
            states[q][j] = decay * states[q][j] + (deltas[r][q] * inputs[r][q]) * b;
          }
        }
      }
    }
    for (var q = 0u; q < CHANNEL_RUN; q++) {
      sums[q] += block[q];
    }
  }
  for (var q = 0u; q < CHANNEL_RUN; q++) {
    let c = (group.x * CHANNEL_RUN + q) * LANES + lane;
    if (c < params.d_inner) {
      for (var j = 0u; j < STATE_VEC; j++) {
        for (var i = 0u; i < 4u; i++) {
          if (4u * j + i < D_STATE) {
            tile_state[(tile * D_STATE + 4u * j + i) * params.d_inner + c] = states[q][j][i];
          }
        }
      }
      tile_delta[tile * params.d_inner + c] = sums[q];
    }
  }
}

// Tiles whose sums are added before they join the total: adding in levels keeps rounding small.
const SUM_BLOCK = 64u;
// Tiles read ahead: the chain of states waits for memory once for all of them.
const AHEAD = 16u;

@compute @workgroup_size(LANES)
fn spine(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let c = group.x * LANES + lane;
  let n = group.y;
  if (c >= params.d_inner) {
    return;
  }
  let rate = LOG2_E * a[c * D_STATE + n];
  var state = h[c * D_STATE + n];
  var total = 0.0;
  var block = 0.0;
  var sums: array<f32, AHEAD>;
  var ends: array<f32, AHEAD>;
  for (var first = 0u; first < params.tiles; first += AHEAD) {
    for (var i = 0u; i < AHEAD; i++) {
      let tile = min(first + i, params.tiles - 1u);
      sums[i] = tile_delta[tile * params.d_inner + c];
      ends[i] = tile_state[(tile * D_STATE + n) * params.d_inner + c];
    }
    for (var i = 0u; i < AHEAD; i++) {
      if (first + i < params.tiles) {
        tile_state[((first + i) * D_STATE + n) * params.d_inner + c] = state;
        state = exp2(rate * sums[i]) * state + ends[i];
        block += sums[i];
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
  var channel: array<u32, CHANNEL_RUN>;
  var rates: array<States, CHANNEL_RUN>;
  var states: array<States, CHANNEL_RUN>;
  var skips: array<f32, CHANNEL_RUN>;
  for (var q = 0u; q < CHANNEL_RUN; q++) {
    let c = min((group.x * CHANNEL_RUN + q) * LANES + lane, params.d_inner - 1u);
    channel[q] = c;
    rates[q] = load_rates(c);
    skips[q] = d[c];
    for (var j = 0u; j < STATE_VEC; j++) {
      for (var i = 0u; i < 4u; i++) {
        if (4u * j + i < D_STATE) {
          states[q][j][i] = tile_state[(tile * D_STATE + 4u * j + i) * params.d_inner + c];
        }
      }
    }
  }
  let end = min((tile + 1u) * params.tile, params.length);
  for (var first = tile * params.tile; first < end; first += BLOCK) {
    let tokens = min(BLOCK, end - first);
    workgroupBarrier();
    stage_b(first, tokens, lane);
    stage_c(first, tokens, lane);
    workgroupBarrier();
    for (var run = 0u; run < tokens; run += RUN) {
      var deltas: array<array<f32, CHANNEL_RUN>, RUN>;
      var inputs: array<array<f32, CHANNEL_RUN>, RUN>;
      var gates: array<array<f32, CHANNEL_RUN>, RUN>;
      for (var r = 0u; r < RUN; r++) {
        let inside = run + r < tokens;
        let t = first + min(run + r, tokens - 1u);
        for (var q = 0u; q < CHANNEL_RUN; q++) {
          deltas[r][q] = load_delta(t, channel[q], inside);
          inputs[r][q] = load_input(t, channel[q], inside);
          gates[r][q] = z[t * params.z_stride + params.z_column + channel[q]];
        }
      }
      for (var r = 0u; r < RUN; r++) {
        let row = min(run + r, tokens - 1u) * STATE_VEC;
        var reads = array<vec4f, CHANNEL_RUN>();
        for (var j = 0u; j < STATE_VEC; j++) {
          let b = b_block[row + j];
          let c = c_block[row + j];
          for (var q = 0u; q < CHANNEL_RUN; q++) {
            let decay = exp2(deltas[r][q] * rates[q][j]);
            states[q][j] = decay * states[q][j] + (deltas[r][q] * inputs[r][q]) * b;
            reads[q] += states[q][j] * c;
          }
        }
        for (var q = 0u; q < CHANNEL_RUN; q++) {
          let c = (group.x * CHANNEL_RUN + q) * LANES + lane;
          if (c < params.d_inner && run + r < tokens) {
            let read = reads[q];
            let sum = read.x + read.y + read.z + read.w + skips[q] * inputs[r][q];
            y[(first + run + r) * params.y_stride + params.y_column + c] = sum * silu(gates[r][q]);
          }
        }
      }
    }
  }
}
