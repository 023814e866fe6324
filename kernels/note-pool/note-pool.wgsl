// State pool of one layer after every chunk that ends in a segment: P_k = best POOL_SIZE of P_{k-1} and the
// candidates of chunk k (priority: falling score, of equal ones the earlier token; FIFO: the latest first).
//   rank    every chunk by itself: its candidates, best first (rank by counting);
//   merge   a workgroup walks over a block of chunks and merges each list into the sorted pool: an entry's new
//           place is its own plus the number of better ones in the other list, found by bisection;
//   gather  copies the notes of every pool.
// Where there is more than one block, the pool before each has to be known first. The best of a union are the best of
// the bests, so two walks find it:
//   digest  every block but the last by itself, from an empty pool: its candidates, best first;
//   carry   one workgroup walks over these lists from the carried pool.
// Grid rows: row g of the segment's grid is the token at absolute position chunk_start + g; the first
// `offset` of them are the pending tokens of the unfinished chunk.
//
// Constants: POOL_SIZE, CHUNK, NOTE_DIM, FIFO (0 or 1), LANES.
// Grid: rank (chunks that end), digest (blocks - 1), carry (1), merge (blocks), gather (entries, POOL_SIZE).

struct Params {
  entries: u32,      // pools of this segment: the carried one and one after each chunk end
  first_entry: u32,  // entry of the window that receives the carried pool
  offset: u32,
  chunk_start: u32,
  threshold: f32,    // a score above it may enter
  empty: f32,        // score of an unused entry
  block: u32,        // chunks a block
}

const NO_ROW = 0xffffffffu;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> scores: array<f32>;           // (length)
@group(0) @binding(2) var<storage, read> pending_scores: array<f32>;   // (CHUNK)
@group(0) @binding(3) var<storage, read_write> ranked: array<u32>;     // (lists, 1 + POOL_SIZE) count, rows
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
@group(0) @binding(13) var<storage, read_write> digests: array<u32>;       // (blocks - 1, 1 + POOL_SIZE) as `ranked`

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

fn stage(fetched: Fetched, lane: u32) {
  for (var i = 0u; i < SLOTS; i++) {
    let j = i * LANES + lane;
    if (j < fetched.count) {
      list_rows[j] = fetched.rows[i];
      list_scores[j] = fetched.scores[i];
    }
  }
}

// Merges the staged list of `count` into the half of the pool at `base`, `filled` entries long, and leaves the result in
// the other half; returns its length.
fn combine(base: u32, filled: u32, count: u32, lane: u32) -> u32 {
  let next = POOL_SIZE - base;
  workgroupBarrier();
  for (var i = lane; i < filled; i += LANES) {
    let place = i + newer_before(now_scores[base + i], count);
    put(next, place, now_positions[base + i], now_scores[base + i], now_source[base + i]);
  }
  for (var j = lane; j < count; j += LANES) {
    let place = j + older_before(list_scores[j], base, filled);
    put(next, place, i32(params.chunk_start + list_rows[j]), list_scores[j], POOL_SIZE + list_rows[j]);
  }
  let now_filled = min(POOL_SIZE, filled + count);
  for (var i = now_filled + lane; i < POOL_SIZE; i += LANES) {
    put(next, i, -1, params.empty, NO_ROW);
  }
  workgroupBarrier();
  return now_filled;
}

// Entry i of the first half, given where its note comes from.
fn seat(i: u32, from_row: u32) {
  if (from_row == NO_ROW) {
    put(0u, i, -1, params.empty, NO_ROW);
  } else if (from_row < POOL_SIZE) {
    put(0u, i, positions[from_row], pool_scores[from_row], from_row);
  } else {
    let grid = from_row - POOL_SIZE;
    put(0u, i, i32(params.chunk_start + grid), score_of(grid), from_row);
  }
}

// Used entries come first, so their number is the place of the first unused one.
fn count_seated() -> u32 {
  var filled = 0u;
  for (var i = 0u; i < POOL_SIZE; i++) {
    filled += select(0u, 1u, now_source[i] != NO_ROW);
  }
  return filled;
}

fn seat_carried(lane: u32) {
  for (var i = lane; i < POOL_SIZE; i += LANES) {
    seat(i, select(NO_ROW, i, positions[i] >= 0));
  }
}

@compute @workgroup_size(LANES)
fn digest(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = group.x * params.block;
  var filled = 0u;
  var base = 0u;
  var ahead = fetch(first, lane);
  for (var i = 0u; i < params.block; i++) {
    let count = ahead.count;
    stage(ahead, lane);
    if (i + 1u < params.block) {
      ahead = fetch(first + i + 1u, lane);
    }
    filled = combine(base, filled, count, lane);
    base = POOL_SIZE - base;
  }
  let list = group.x * (POOL_SIZE + 1u);
  if (lane == 0u) {
    digests[list] = filled;
  }
  for (var i = lane; i < filled; i += LANES) {
    digests[list + 1u + i] = now_source[base + i] - POOL_SIZE;
  }
}

// Walks over the digests, bound as `ranked`, and writes where the pool before each block but the first comes from.
@compute @workgroup_size(LANES)
fn carry(@builtin(local_invocation_index) lane: u32) {
  let blocks = (params.entries - 2u) / params.block + 1u;
  seat_carried(lane);
  workgroupBarrier();
  var filled = count_seated();
  var base = 0u;
  var ahead = fetch(0u, lane);
  for (var block = 1u; block < blocks; block++) {
    let count = ahead.count;
    stage(ahead, lane);
    if (block + 1u < blocks) {
      ahead = fetch(block, lane);
    }
    filled = combine(base, filled, count, lane);
    base = POOL_SIZE - base;
    for (var i = lane; i < POOL_SIZE; i += LANES) {
      source[block * params.block * POOL_SIZE + i] = now_source[base + i];
    }
  }
}

@compute @workgroup_size(LANES)
fn merge(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = group.x * params.block;
  let last = min(first + params.block, params.entries - 1u);
  if (group.x == 0u) {
    seat_carried(lane);
  } else {
    for (var i = lane; i < POOL_SIZE; i += LANES) {
      seat(i, source[first * POOL_SIZE + i]);
    }
  }
  workgroupBarrier();
  var filled = count_seated();
  var base = 0u;
  var ahead: Fetched;
  if (first < last) {
    ahead = fetch(first, lane);
  }
  for (var entry = first; entry <= last; entry++) {
    // The last entry of a block is the next one's first.
    if (entry < last || last + 1u == params.entries) {
      for (var i = lane; i < POOL_SIZE; i += LANES) {
        let to = (params.first_entry + entry) * POOL_SIZE + i;
        window_positions[to] = now_positions[base + i];
        window_scores[to] = now_scores[base + i];
        source[entry * POOL_SIZE + i] = now_source[base + i];
      }
    }
    if (entry < last) {
      let count = ahead.count;
      stage(ahead, lane);
      if (entry + 1u < last) {
        ahead = fetch(entry + 1u, lane);
      }
      filled = combine(base, filled, count, lane);
      base = POOL_SIZE - base;
    }
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
