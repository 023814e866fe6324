// The projection of linear.wgsl for a few rows, each with b as a matrix-vector product: the depth is divided
// among SLICES invocations of a workgroup, which makes 4 * COLUMN_LANES columns of one row.
//
// Constants: COLUMN_LANES, SLICES, NORM (0 or 1).  Grid: (columns / (4 * COLUMN_LANES), rows).

const LANES = COLUMN_LANES * SLICES;

var<workgroup> partial: array<vec4f, LANES>;
var<workgroup> partial_squares: array<f32, SLICES>;

@compute @workgroup_size(LANES)
fn linear_row(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.y;
  let column = group.x * COLUMN_LANES + lane % COLUMN_LANES;
  let slice = lane / COLUMN_LANES;
  let from_vec = row * params.a_stride + params.a_column;
  var sum = vec4f();
  var squares = 0.0;
  for (var k = slice; k < params.depth; k += SLICES) {
    let left = a[from_vec + k / 4u][k % 4u];
    squares += left * left;
    if (column < params.columns) {
      sum = fma(vec4f(left), b[k * params.columns + column], sum);
    }
  }
  partial[lane] = sum;
  if (lane % COLUMN_LANES == 0u) {
    partial_squares[slice] = squares;
  }
  workgroupBarrier();
  if (slice != 0u || column >= params.columns) {
    return;
  }
  var scale = 1.0;
  if (NORM == 1u) {
    var total = 0.0;
    for (var i = 0u; i < SLICES; i++) {
      total += partial_squares[i];
    }
    scale = inverseSqrt(total / f32(params.depth) + params.eps);
  }
  for (var i = 1u; i < SLICES; i++) {
    sum += partial[i * COLUMN_LANES + lane];
  }
  store(row, column, scale * sum);
}
