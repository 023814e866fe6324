// How much of what a token wrote is left after later tokens, from sums of D = softplus(raw):
//   survival_t = sum_{c,n} |W_t|^p exp(A S_t) / sum_{c,n} |W_t|^p,   W_t = D_t u_t B_t
// with p = 1 and S_t = sum of D after t up to T (retention), or p = 2 and S_t over the next k tokens
// (token memory fidelity).
//   tile_sums, tile_after, suffix   S_t for retention: D is added from t to the end of its tile, then come
//                                   whole tiles, then what follows the segment; nothing is subtracted
//   first, double                   S_t over 1 token, and over 2k tokens from those over k
//   survive                         one workgroup a token
// W factorises into |D u| over channels and |B| over states. Both are divided by their largest element
// first, so that squares of small numbers do not underflow.
//
// Constants: D_STATE, TILE, LANES, SOFTPLUS (0: raw is D already).
// Grid: tile_sums and suffix (d_inner / LANES, tiles), tile_after (d_inner / LANES),
//       first and double (d_inner / LANES, length), survive (length).

struct Params {
  length: u32,
  d_inner: u32,
  tiles: u32,
  u_stride: u32,
  u_column: u32,
  raw_stride: u32,
  raw_column: u32,
  b_stride: u32,
  b_column: u32,
  power: u32,    // p
  lag: u32,      // k for `double`; 0 in `survive` means S = 0
  tokens: u32,   // `survive` writes 0 from this token on
  out_first: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> u: array<f32>;           // (length, d_inner), rows of u_stride
@group(0) @binding(2) var<storage, read> raw: array<f32>;         // (length, d_inner), rows of raw_stride
@group(0) @binding(3) var<storage, read> b: array<f32>;           // (length, D_STATE), rows of b_stride
@group(0) @binding(4) var<storage, read> a: array<f32>;           // (d_inner, D_STATE)
@group(0) @binding(5) var<storage, read> after: array<f32>;       // (d_inner) sum of D after the segment
@group(0) @binding(6) var<storage, read_write> tile_delta: array<f32>;  // (tiles, d_inner)
@group(0) @binding(7) var<storage, read_write> sums: array<f32>;        // (length, d_inner) S
@group(0) @binding(8) var<storage, read> half: array<f32>;              // (length, d_inner) S over k
@group(0) @binding(9) var<storage, read_write> survival: array<f32>;    // (length) from out_first on

fn delta(t: u32, c: u32) -> f32 {
  let value = raw[t * params.raw_stride + params.raw_column + c];
  return select(value, softplus(value), SOFTPLUS == 1u);
}

@compute @workgroup_size(LANES)
fn tile_sums(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  let first_token = id.y * TILE;
  if (c >= params.d_inner) {
    return;
  }
  var sum = 0.0;
  for (var t = first_token; t < min(first_token + TILE, params.length); t++) {
    sum += delta(t, c);
  }
  tile_delta[id.y * params.d_inner + c] = sum;
}

// Turns a tile's sum into the sum of all that comes after the tile.
@compute @workgroup_size(LANES)
fn tile_after(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  if (c >= params.d_inner) {
    return;
  }
  var later = 0.0;
  for (var i = params.tiles; i > 0u; i--) {
    let at = (i - 1u) * params.d_inner + c;
    let sum = tile_delta[at];
    tile_delta[at] = later + after[c];
    later += sum;
  }
}

@compute @workgroup_size(LANES)
fn suffix(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  let first_token = id.y * TILE;
  if (c >= params.d_inner) {
    return;
  }
  let rest = tile_delta[id.y * params.d_inner + c];
  var sum = 0.0;
  for (var t = min(first_token + TILE, params.length); t > first_token; t--) {
    sums[(t - 1u) * params.d_inner + c] = sum + rest;
    sum += delta(t - 1u, c);
  }
}

@compute @workgroup_size(LANES)
fn first(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.d_inner && id.y + 1u < params.length) {
    sums[id.y * params.d_inner + id.x] = delta(id.y + 1u, id.x);
  }
}

@compute @workgroup_size(LANES)
fn double(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.d_inner && id.y + 2u * params.lag < params.length) {
    let at = id.y * params.d_inner + id.x;
    sums[at] = half[at] + half[at + params.lag * params.d_inner];
  }
}

var<workgroup> partial: array<vec2f, LANES>;
var<workgroup> b_power: array<f32, D_STATE>;

// Largest |D u| over channels and |B| over states, to every invocation.
fn largest(lane: u32, mine: vec2f) -> vec2f {
  partial[lane] = mine;
  for (var step = LANES / 2u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (lane < step) {
      partial[lane] = max(partial[lane], partial[lane + step]);
    }
  }
  return workgroupUniformLoad(&partial[0]);
}

fn total(lane: u32, mine: vec2f) -> vec2f {
  partial[lane] = mine;
  for (var step = LANES / 2u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (lane < step) {
      partial[lane] += partial[lane + step];
    }
  }
  return workgroupUniformLoad(&partial[0]);
}

@compute @workgroup_size(LANES)
fn survive(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let t = group.x;
  if (t >= params.tokens) {
    if (lane == 0u) {
      survival[params.out_first + t] = 0.0;
    }
    return;
  }
  var size = vec2f();
  for (var c = lane; c < params.d_inner; c += LANES) {
    size.x = max(size.x, abs(delta(t, c) * u[t * params.u_stride + params.u_column + c]));
  }
  for (var n = lane; n < D_STATE; n += LANES) {
    b_power[n] = abs(b[t * params.b_stride + params.b_column + n]);
    size.y = max(size.y, b_power[n]);
  }
  let most = largest(lane, size);
  if (most.x == 0.0 || most.y == 0.0) {
    if (lane == 0u) {
      survival[params.out_first + t] = 0.0;
    }
    return;
  }
  for (var n = lane; n < D_STATE; n += LANES) {
    let value = b_power[n] / most.y;
    b_power[n] = select(value, value * value, params.power == 2u);
  }
  workgroupBarrier();
  var kept = vec2f();
  for (var c = lane; c < params.d_inner; c += LANES) {
    let value = abs(delta(t, c) * u[t * params.u_stride + params.u_column + c]) / most.x;
    let write = select(value, value * value, params.power == 2u);
    var sum = 0.0;
    if (params.lag > 0u) {
      sum = sums[t * params.d_inner + c];
    }
    var left = vec2f();
    for (var n = 0u; n < D_STATE; n++) {
      left += b_power[n] * vec2f(exp(a[c * D_STATE + n] * sum), 1.0);
    }
    kept += write * left;
  }
  let sum = total(lane, kept);
  if (lane == 0u) {
    survival[params.out_first + t] = min(1.0, sum.x / sum.y);
  }
}
