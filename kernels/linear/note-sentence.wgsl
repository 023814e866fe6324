// For note-output.wgsl: the third of its last columns is kept.

@group(0) @binding(8) var<storage, read_write> sentence: array<f32>;      // (rows)

fn store_third(row: u32, product: f32) {
  sentence[row] = product;
}
