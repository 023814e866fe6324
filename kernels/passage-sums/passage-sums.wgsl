// Sums over the rows of every block:  sums[b] = Σ softplus(gate_t) parts_t.
// A workgroup sums one block; an invocation takes columns LANES vec4s apart, row by row.
//
// Constants: LANES.  Grid: (blocks).

struct Params {
  length: u32,
  columns: u32,    // of a sum, in vec4s
  stride: u32,     // of a row of products, in vec4s
  block: u32,      // rows of a block
  lead: u32,       // rows of the first block that stand before the first row
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> products: array<vec4f>;      // (length, columns and the gate's vec4)
@group(0) @binding(2) var<storage, read_write> sums: array<vec4f>;    // (blocks, columns)

@compute @workgroup_size(LANES)
fn passage_sums(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let begin = group.x * params.block;
  let first = select(begin - params.lead, 0u, begin < params.lead);
  let last = min(begin + params.block - params.lead, params.length);
  for (var i = lane; i < params.columns; i += LANES) {
    var sum = vec4f();
    for (var t = first; t < last; t++) {
      let row = t * params.stride;
      sum = fma(vec4f(softplus(products[row + params.columns].x)), products[row + i], sum);
    }
    sums[group.x * params.columns + i] = sum;
  }
}
