// The device's copy bandwidth, as a kernel reaches it: every invocation copies VECTORS vec4s, a grid apart.
//
// Constants: LANES, VECTORS.  Grid: (count / (LANES * VECTORS)).

@group(0) @binding(0) var<uniform> count: vec4u;   // x: number of vec4s
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> copied: array<vec4f>;

@compute @workgroup_size(LANES)
fn copy(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  for (var i = 0u; i < VECTORS; i++) {
    let at = (group.x * VECTORS + i) * LANES + lane;
    if (at < count.x) {
      copied[at] = source[at];
    }
  }
}
