// A of the selective scan, any number of states a channel.

@group(0) @binding(5) var<storage, read> a: array<f32>;     // (d_inner, D_STATE)

// States 4j to 4j + 3 of channel c, padded with 0.
fn load_a(c: u32, j: u32) -> vec4f {
  var v = vec4f();
  for (var i = 0u; i < 4u; i++) {
    if (4u * j + i < D_STATE) {
      v[i] = a[c * D_STATE + 4u * j + i];
    }
  }
  return v;
}

fn a_of(c: u32, n: u32) -> f32 {
  return a[c * D_STATE + n];
}
