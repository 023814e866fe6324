// What every projection binds; columns and strides of a, b and the outputs count vec4s.

struct Params {
  rows: u32,
  depth: u32,             // in f32, a multiple of 4
  columns: u32,           // of b
  a_stride: u32,
  a_column: u32,
  out_stride: u32,
  out_column: u32,
  residual_stride: u32,
  gate_stride: u32,       // in f32
  gate_column: u32,       // in f32
  note_columns: u32,
  query_columns: u32,
  eps: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;   // (rows, depth), rows of a_stride
@group(0) @binding(2) var<storage, read> b: array<vec4f>;   // (depth, columns)
