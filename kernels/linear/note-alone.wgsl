// For note-output.wgsl: the third of its last columns holds nothing.

fn store_third(row: u32, product: f32) {}
