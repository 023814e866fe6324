// Folded multi-head attention over state pools:
//   logit_j = q . n_j + log sigma(s_j),  a = softmax over the notes of `slots` pools,  read = sum_j a_j n_j
// with q folded into note space and scaled. A token of grid row g (the segment's tokens, after `offset` of an
// unfinished chunk) reads entry g / CHUNK of every pool. No note, or a closed gate: read = 0.
//
// `attend` gives one invocation to a (token, head): its query and its running sum stay in registers, and the
// notes pass through workgroup memory, where all invocations read the same one at the same time. The softmax
// is taken in one pass with a running maximum. `weigh` writes the weights; it is for short questions.
//
// Constants: POOL_SIZE, CHUNK, HEADS, NOTE_VEC = noteDim / 4, BLOCK (notes staged at once), LANES.
// Grid: attend (entries, CHUNK * HEADS / LANES), weigh (length * HEADS / LANES).

struct Params {
  length: u32,
  offset: u32,
  window_entries: u32,
  first_slot: u32,
  slots: u32,
  q_stride: u32,      // in vec4
  q_column: u32,      // in vec4
  read_stride: u32,   // in vec4
  read_column: u32,   // in vec4
  gate_stride: u32,   // 0: no gate
  gate_column: u32,
  tau2: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> queries: array<vec4f>;    // (length, HEADS, NOTE_VEC)
@group(0) @binding(2) var<storage, read> positions: array<i32>;    // (slots, entries, POOL_SIZE)
@group(0) @binding(3) var<storage, read> scores: array<f32>;       // (slots, entries, POOL_SIZE)
@group(0) @binding(4) var<storage, read> notes: array<vec4f>;      // (slots, entries, POOL_SIZE, NOTE_VEC)
@group(0) @binding(5) var<storage, read> gate: array<f32>;         // (length)
@group(0) @binding(6) var<storage, read_write> reads: array<vec4f>;   // (length, HEADS, NOTE_VEC)
@group(0) @binding(7) var<storage, read_write> weights: array<f32>;   // (length, HEADS, slots * POOL_SIZE)

// Below every logit; exp(LOWEST - x) is 0.
const LOWEST = -1e30;

fn gate_open(t: u32) -> bool {
  return params.gate_stride == 0u || gate[t * params.gate_stride + params.gate_column] > params.tau2;
}

// First note of an entry of a slot.
fn first_note(slot: u32, entry: u32) -> u32 {
  return ((params.first_slot + slot) * params.window_entries + entry) * POOL_SIZE;
}

// log sigma(s) of a note, LOWEST where there is none.
fn note_bias(note: u32) -> f32 {
  if (positions[note] < 0) {
    return LOWEST;
  }
  return -softplus(-scores[note]);
}

var<workgroup> block_notes: array<vec4f, BLOCK * NOTE_VEC>;
var<workgroup> block_bias: array<f32, BLOCK>;

@compute @workgroup_size(LANES)
fn attend(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let entry = group.x;
  let item = group.y * LANES + lane;
  let head = item % HEADS;
  let row = entry * CHUNK + item / HEADS;
  let active_lane = item < CHUNK * HEADS && row >= params.offset && row - params.offset < params.length;
  let t = select(0u, row - params.offset, active_lane);
  let reading = active_lane && gate_open(t);

  var query: array<vec4f, NOTE_VEC>;
  var read: array<vec4f, NOTE_VEC>;
  let from_vec = t * params.q_stride + params.q_column + head * NOTE_VEC;
  for (var i = 0u; i < NOTE_VEC; i++) {
    query[i] = queries[from_vec + i];
    read[i] = vec4f();
  }
  var highest = LOWEST;
  var total = 0.0;
  for (var slot = 0u; slot < params.slots; slot++) {
    let first = first_note(slot, entry);
    for (var begin = 0u; begin < POOL_SIZE; begin += BLOCK) {
      let count = min(BLOCK, POOL_SIZE - begin);
      workgroupBarrier();
      for (var i = lane; i < count * NOTE_VEC; i += LANES) {
        block_notes[i] = notes[(first + begin) * NOTE_VEC + i];
      }
      if (lane < count) {
        block_bias[lane] = note_bias(first + begin + lane);
      }
      workgroupBarrier();
      for (var j = 0u; reading && j < count; j++) {
        if (block_bias[j] == LOWEST) {
          continue;
        }
        var products = vec4f();
        for (var i = 0u; i < NOTE_VEC; i++) {
          products += query[i] * block_notes[j * NOTE_VEC + i];
        }
        let logit = products.x + products.y + products.z + products.w + block_bias[j];
        if (logit > highest) {
          let shrink = exp(highest - logit);
          total *= shrink;
          for (var i = 0u; i < NOTE_VEC; i++) {
            read[i] *= shrink;
          }
          highest = logit;
        }
        let weight = exp(logit - highest);
        total += weight;
        for (var i = 0u; i < NOTE_VEC; i++) {
          read[i] += weight * block_notes[j * NOTE_VEC + i];
        }
      }
    }
  }
  if (!active_lane) {
    return;
  }
  let scale = select(0.0, 1.0 / total, total > 0.0);
  let to = t * params.read_stride + params.read_column + head * NOTE_VEC;
  for (var i = 0u; i < NOTE_VEC; i++) {
    reads[to + i] = read[i] * scale;
  }
}

fn logit_of(query: u32, note: u32, bias: f32) -> f32 {
  var products = vec4f();
  for (var i = 0u; i < NOTE_VEC; i++) {
    products += queries[query + i] * notes[note * NOTE_VEC + i];
  }
  return products.x + products.y + products.z + products.w + bias;
}

@compute @workgroup_size(LANES)
fn weigh(@builtin(global_invocation_id) id: vec3u) {
  let t = id.x / HEADS;
  let head = id.x % HEADS;
  if (t >= params.length) {
    return;
  }
  let entry = (t + params.offset) / CHUNK;
  let query = t * params.q_stride + params.q_column + head * NOTE_VEC;
  let to = id.x * params.slots * POOL_SIZE;
  let reading = gate_open(t);
  var highest = LOWEST;
  for (var slot = 0u; slot < params.slots; slot++) {
    for (var j = 0u; j < POOL_SIZE; j++) {
      let note = first_note(slot, entry) + j;
      let bias = note_bias(note);
      var logit = LOWEST;
      if (reading && bias != LOWEST) {
        logit = logit_of(query, note, bias);
      }
      weights[to + slot * POOL_SIZE + j] = logit;
      highest = max(highest, logit);
    }
  }
  var total = 0.0;
  for (var j = 0u; j < params.slots * POOL_SIZE; j++) {
    let logit = weights[to + j];
    let weight = select(exp(logit - highest), 0.0, logit == LOWEST);
    weights[to + j] = weight;
    total += weight;
  }
  let scale = select(0.0, 1.0 / total, total > 0.0);
  for (var j = 0u; j < params.slots * POOL_SIZE; j++) {
    weights[to + j] *= scale;
  }
}
