// out = gate * f(product + bias) + residual, where all but the product can be left out; f is softplus, GELU or
// nothing.
//
// Constants: BIAS, SOFTPLUS, GELU, GATE, RESIDUAL (0 or 1).

@group(0) @binding(3) var<storage, read> bias: array<vec4f>;           // (columns)
@group(0) @binding(4) var<storage, read> gate: array<f32>;             // (rows, 1), rows of gate_stride
@group(0) @binding(5) var<storage, read> residual: array<vec4f>;       // (rows, columns), rows of residual_stride
@group(0) @binding(6) var<storage, read_write> result: array<vec4f>;   // (rows, columns), rows of out_stride

fn store(row: u32, column: u32, product: vec4f) {
  var value = product;
  if (BIAS == 1u) {
    value += bias[column];
  }
  if (SOFTPLUS == 1u) {
    value = vec4f(softplus(value.x), softplus(value.y), softplus(value.z), softplus(value.w));
  }
  if (GELU == 1u) {
    value = vec4f(gelu(value.x), gelu(value.y), gelu(value.z), gelu(value.w));
  }
  if (GATE == 1u) {
    value *= gate[row * params.gate_stride + params.gate_column];
  }
  if (RESIDUAL == 1u) {
    value += residual[row * params.residual_stride + column];
  }
  result[row * params.out_stride + params.out_column + column] = value;
}
