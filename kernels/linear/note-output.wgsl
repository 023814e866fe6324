// All that is linear in the normed residual stream, made by one product whose columns are
//   notes | queries | score, gate, sentence or 0, 0
// and kept apart: the score gets its bias, the gate its bias and the sigmoid. What becomes of the third of the last
// columns, `store_third` says: another file has it.

@group(0) @binding(3) var<storage, read> bias: array<f32>;                // (2) of score and gate
@group(0) @binding(4) var<storage, read_write> notes: array<vec4f>;       // (rows, note_columns)
@group(0) @binding(5) var<storage, read_write> queries: array<vec4f>;     // (rows, query_columns)
@group(0) @binding(6) var<storage, read_write> scores: array<f32>;        // (rows)
@group(0) @binding(7) var<storage, read_write> gate: array<f32>;          // (rows)

fn store(row: u32, column: u32, product: vec4f) {
  if (column < params.note_columns) {
    notes[row * params.note_columns + column] = product;
  } else if (column < params.note_columns + params.query_columns) {
    queries[row * params.query_columns + column - params.note_columns] = product;
  } else {
    scores[row] = product.x + bias[0];
    gate[row] = sigmoid(product.y + bias[1]);
    store_third(row, product.z);
  }
}
