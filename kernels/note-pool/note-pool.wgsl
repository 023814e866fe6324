// State pool of one layer after every chunk that ends in a segment: P_k = best POOL_SIZE of P_{k-1} and the
// candidates of chunk k (priority: falling score, of equal ones the earlier token; FIFO: the latest first).
//   rank    every chunk by itself: its candidates, best first (rank by counting);
//   merge   one workgroup walks over the chunks and merges each list into the sorted pool: an entry's new
//           place is its own plus the number of better ones in the other list, found by bisection;
//   gather  copies the notes of every pool.
// Grid rows: row g of the segment's grid is the token at absolute position chunk_start + g; the first
// `offset` of them are the pending tokens of the unfinished chunk.
//
// Constants: POOL_SIZE, CHUNK, NOTE_DIM, FIFO (0 or 1), LANES.
// Grid: rank (chunks that end), merge (1), gather (entries, POOL_SIZE).

struct Params {
  entries: u32,      // pools of this segment: the carried one and one after each chunk end
  first_entry: u32,  // entry of the window that receives the carried pool
  offset: u32,
  chunk_start: u32,
  threshold: f32,    // a score above it may enter
  empty: f32,        // score of an unused entry
}

const NO_ROW = 0xffffffffu;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> scores: array<f32>;           // (length)
@group(0) @binding(2) var<storage, read> pending_scores: array<f32>;   // (CHUNK)
@group(0) @binding(3) var<storage, read_write> ranked: array<u32>;     // (chunks, 1 + POOL_SIZE) count, rows
@group(0) @binding(4) var<storage, read> positions: array<i32>;        // (POOL_SIZE)
@group(0) @binding(5) var<storage, read> pool_scores: array<f32>;      // (POOL_SIZE)
@group(0) @binding(6) var<storage, read_write> window_positions: array<i32>;  // (…, POOL_SIZE)
@group(0) @binding(7) var<storage, read_write> window_scores: array<f32>;     // (…, POOL_SIZE)
// (entries, POOL_SIZE) where a note comes from: row i of the carried pool as i, grid row g as POOL_SIZE + g.
@group(0) @binding(8) var<storage, read_write> source: array<u32>;
@group(0) @binding(9) var<storage, read> notes: array<f32>;            // (length, NOTE_DIM)
@group(0) @binding(10) var<storage, read> pending_notes: array<f32>;   // (CHUNK, NOTE_DIM)
@group(0) @binding(11) var<storage, read> pool_notes: array<f32>;      // (POOL_SIZE, NOTE_DIM)
@group(0) @binding(12) var<storage, read_write> window_notes: array<f32>;  // (…, POOL_SIZE, NOTE_DIM)

fn score_of(row: u32) -> f32 {
  if (row < params.offset) {
    return pending_scores[row];
  }
  return scores[row - params.offset];
}

var<workgroup> chunk_scores: array<f32, CHUNK>;
var<workgroup> candidates: atomic<u32>;

@compute @workgroup_size(LANES)
fn rank(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let chunk = group.x;
  for (var row = lane; row < CHUNK; row += LANES) {
    chunk_scores[row] = score_of(chunk * CHUNK + row);
  }
  workgroupBarrier();
  let list = chunk * (POOL_SIZE + 1u);
  for (var row = lane; row < CHUNK; row += LANES) {
    let score = chunk_scores[row];
    if (score > params.threshold) {
      atomicAdd(&candidates, 1u);
      var place = 0u;
      for (var other = 0u; other < CHUNK; other++) {
        let rival = chunk_scores[other];
        let better = select(rival > score || (rival == score && other < row), other > row, FIFO == 1u);
        place += select(0u, 1u, better && rival > params.threshold);
      }
      if (place < POOL_SIZE) {
        ranked[list + 1u + place] = chunk * CHUNK + row;
      }
    }
  }
  workgroupBarrier();
  if (lane == 0u) {
    ranked[list] = min(POOL_SIZE, atomicLoad(&candidates));
  }
}

// The pool, twice: read from one half, written to the other.
var<workgroup> now_positions: array<i32, 2u * POOL_SIZE>;
var<workgroup> now_scores: array<f32, 2u * POOL_SIZE>;
var<workgroup> now_source: array<u32, 2u * POOL_SIZE>;
var<workgroup> list_scores: array<f32, POOL_SIZE>;
var<workgroup> list_rows: array<u32, POOL_SIZE>;

// Number of list entries, of `count`, that come before a pool entry with this score.
fn newer_before(score: f32, count: u32) -> u32 {
  if (FIFO == 1u) {
    return count;
  }
  var low = 0u;
  var high = count;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (list_scores[middle] > score) {
      low = middle + 1u;
    } else {
      high = middle;
    }
  }
  return low;
}

// Number of pool entries, of `count` from `base` on, that come before a list entry with this score: the
// pool's tokens are older, so they win ties.
fn older_before(score: f32, base: u32, count: u32) -> u32 {
  if (FIFO == 1u) {
    return 0u;
  }
  var low = 0u;
  var high = count;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (now_scores[base + middle] >= score) {
      low = middle + 1u;
    } else {
      high = middle;
    }
  }
  return low;
}

fn put(base: u32, place: u32, position: i32, score: f32, from_row: u32) {
  if (place < POOL_SIZE) {
    now_positions[base + place] = position;
    now_scores[base + place] = score;
    now_source[base + place] = from_row;
  }
}

const SLOTS = (POOL_SIZE + LANES - 1u) / LANES;

// An invocation's share of a chunk's list.
struct Fetched {
  count: u32,
  rows: array<u32, SLOTS>,
  scores: array<f32, SLOTS>,
}

// Reads a chunk's list one step before it is merged: the walk does not wait for memory.
fn fetch(chunk: u32, lane: u32) -> Fetched {
  var fetched: Fetched;
  let list = chunk * (POOL_SIZE + 1u);
  fetched.count = ranked[list];
  for (var i = 0u; i < SLOTS; i++) {
    let j = i * LANES + lane;
    if (j < fetched.count) {
      fetched.rows[i] = ranked[list + 1u + j];
      fetched.scores[i] = score_of(fetched.rows[i]);
    }
  }
  return fetched;
}

@compute @workgroup_size(LANES)
fn merge(@builtin(local_invocation_index) lane: u32) {
  for (var i = lane; i < POOL_SIZE; i += LANES) {
    let used = positions[i] >= 0;
    put(0u, i, positions[i], pool_scores[i], select(NO_ROW, i, used));
  }
  workgroupBarrier();
  // Used entries come first, so their number is the place of the first unused one.
  var filled = 0u;
  for (var i = 0u; i < POOL_SIZE; i++) {
    filled += select(0u, 1u, now_source[i] != NO_ROW);
  }
  var ahead: Fetched;
  if (params.entries > 1u) {
    ahead = fetch(0u, lane);
  }
  for (var entry = 0u; entry < params.entries; entry++) {
    let base = (entry % 2u) * POOL_SIZE;
    let next = POOL_SIZE - base;
    for (var i = lane; i < POOL_SIZE; i += LANES) {
      let to = (params.first_entry + entry) * POOL_SIZE + i;
      window_positions[to] = now_positions[base + i];
      window_scores[to] = now_scores[base + i];
      source[entry * POOL_SIZE + i] = now_source[base + i];
    }
    if (entry + 1u == params.entries) {
      break;
    }
    let count = ahead.count;
    for (var i = 0u; i < SLOTS; i++) {
      let j = i * LANES + lane;
      if (j < count) {
        list_rows[j] = ahead.rows[i];
        list_scores[j] = ahead.scores[i];
      }
    }
    if (entry + 2u < params.entries) {
      ahead = fetch(entry + 1u, lane);
    }
    workgroupBarrier();
    for (var i = lane; i < filled; i += LANES) {
      let place = i + newer_before(now_scores[base + i], count);
      put(next, place, now_positions[base + i], now_scores[base + i], now_source[base + i]);
    }
    for (var j = lane; j < count; j += LANES) {
      let place = j + older_before(list_scores[j], base, filled);
      put(next, place, i32(params.chunk_start + list_rows[j]), list_scores[j], POOL_SIZE + list_rows[j]);
    }
    filled = min(POOL_SIZE, filled + count);
    for (var i = filled + lane; i < POOL_SIZE; i += LANES) {
      put(next, i, -1, params.empty, NO_ROW);
    }
    workgroupBarrier();
  }
}

@compute @workgroup_size(LANES)
fn gather(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = source[group.x * POOL_SIZE + group.y];
  let to = ((params.first_entry + group.x) * POOL_SIZE + group.y) * NOTE_DIM;
  for (var i = lane; i < NOTE_DIM; i += LANES) {
    var value = 0.0;
    if (row < POOL_SIZE) {
      value = pool_notes[row * NOTE_DIM + i];
    } else if (row != NO_ROW) {
      let grid = row - POOL_SIZE;
      if (grid < params.offset) {
        value = pending_notes[grid * NOTE_DIM + i];
      } else {
        value = notes[(grid - params.offset) * NOTE_DIM + i];
      }
    }
    window_notes[to + i] = value;
  }
}
