// A projection by tiles:  out = store(rms(a) . b), with or without the norm; an output file has `store`.
// b has the norm's weight folded in, so the norm is a factor 1 / sqrt(mean(a^2) + eps) of each row, and the squares
// are summed up while the row passes through workgroup memory.
//
// A workgroup makes ROWS × COLUMNS of the output from blocks of DEPTH, staged in workgroup memory; an invocation
// holds ROW_RUN × COLUMN_RUN of it in registers. Its columns lie COLUMN_LANES vec4s apart, so that neighbouring
// invocations read neighbouring words.
//
// Constants: ROWS, COLUMNS, DEPTH, ROW_RUN, COLUMN_RUN (all but ROWS and ROW_RUN multiples of 4, and
// ROWS * DEPTH / 4 one of the number of invocations), NORM (0 or 1).
// Grid: (columns / COLUMNS, rows / ROWS).

const COLUMN_LANES = COLUMNS / COLUMN_RUN;
const LANES = (ROWS / ROW_RUN) * COLUMN_LANES;
const DEPTH_VEC = DEPTH / 4u;
const COLUMNS_VEC = COLUMNS / 4u;
const RUN_VEC = COLUMN_RUN / 4u;
const STAGED = ROWS * DEPTH_VEC / LANES;

var<workgroup> a_block: array<vec4f, ROWS * DEPTH_VEC>;
var<workgroup> b_block: array<vec4f, DEPTH * COLUMNS_VEC>;

@compute @workgroup_size(LANES)
fn linear(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first_row = group.y * ROWS;
  let first_column = group.x * COLUMNS_VEC;
  let row_lane = lane / COLUMN_LANES;
  let column_lane = lane % COLUMN_LANES;
  var sums: array<array<vec4f, RUN_VEC>, ROW_RUN>;
  var squares: array<f32, STAGED>;
  for (var first = 0u; first < params.depth; first += DEPTH) {
    workgroupBarrier();
    for (var s = 0u; s < STAGED; s++) {
      let i = s * LANES + lane;
      let row = first_row + i / DEPTH_VEC;
      let k = first / 4u + i % DEPTH_VEC;
      var value = vec4f();
      if (row < params.rows && k * 4u < params.depth) {
        value = a[row * params.a_stride + params.a_column + k];
      }
      a_block[i] = value;
      if (NORM == 1u) {
        squares[s] += dot(value, value);
      }
    }
    for (var i = lane; i < DEPTH * COLUMNS_VEC; i += LANES) {
      let k = first + i / COLUMNS_VEC;
      let column = first_column + i % COLUMNS_VEC;
      var value = vec4f();
      if (k < params.depth && column < params.columns) {
        value = b[k * params.columns + column];
      }
      b_block[i] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < DEPTH_VEC; k++) {
      var left: array<vec4f, ROW_RUN>;
      for (var r = 0u; r < ROW_RUN; r++) {
        left[r] = a_block[(row_lane * ROW_RUN + r) * DEPTH_VEC + k];
      }
      for (var j = 0u; j < RUN_VEC; j++) {
        let at = 4u * k * COLUMNS_VEC + j * COLUMN_LANES + column_lane;
        let b0 = b_block[at];
        let b1 = b_block[at + COLUMNS_VEC];
        let b2 = b_block[at + 2u * COLUMNS_VEC];
        let b3 = b_block[at + 3u * COLUMNS_VEC];
        for (var r = 0u; r < ROW_RUN; r++) {
          sums[r][j] = fma(vec4f(left[r].x), b0, sums[r][j]);
          sums[r][j] = fma(vec4f(left[r].y), b1, sums[r][j]);
          sums[r][j] = fma(vec4f(left[r].z), b2, sums[r][j]);
          sums[r][j] = fma(vec4f(left[r].w), b3, sums[r][j]);
        }
      }
    }
  }
  if (NORM == 1u) {
    workgroupBarrier();
    for (var s = 0u; s < STAGED; s++) {
      a_block[s * LANES + lane].x = squares[s];
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < ROW_RUN; r++) {
    let in_tile = row_lane * ROW_RUN + r;
    let row = first_row + in_tile;
    var scale = 1.0;
    if (NORM == 1u) {
      var total = 0.0;
      for (var k = 0u; k < DEPTH_VEC; k++) {
        total += a_block[in_tile * DEPTH_VEC + k].x;
      }
      scale = inverseSqrt(total / f32(params.depth) + params.eps);
    }
    for (var j = 0u; j < RUN_VEC; j++) {
      let column = first_column + j * COLUMN_LANES + column_lane;
      if (row < params.rows && column < params.columns) {
        store(row, column, scale * sums[r][j]);
      }
    }
  }
}
