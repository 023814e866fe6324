// A of the selective scan where a channel has a multiple of four states: a row is a few vectors, which takes a fourth
// of the loads. They stand a row apart for neighbouring lanes, so each one is slow.

@group(0) @binding(5) var<storage, read> a: array<vec4f>;   // (d_inner, STATE_VEC)

// States 4j to 4j + 3 of channel c.
fn load_a(c: u32, j: u32) -> vec4f {
  return a[c * STATE_VEC + j];
}

fn a_of(c: u32, n: u32) -> f32 {
  return load_a(c, n / 4u)[n % 4u];
}
