// Rows of a table: out[t] = table[tokens[t]].
//
// Constants: LANES.  Grid: (length).

@group(0) @binding(0) var<uniform> columns: vec4u;                    // x: columns in vec4s
@group(0) @binding(1) var<storage, read> tokens: array<i32>;          // (length)
@group(0) @binding(2) var<storage, read> table: array<vec4f>;         // (rows, columns)
@group(0) @binding(3) var<storage, read_write> gathered: array<vec4f>;  // (length, columns)

@compute @workgroup_size(LANES)
fn gather_rows(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = u32(tokens[group.x]);
  for (var i = lane; i < columns.x; i += LANES) {
    gathered[group.x * columns.x + i] = table[row * columns.x + i];
  }
}
