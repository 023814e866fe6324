/** Writes small ONNX models, as far as the benchmarks need them: the protocol buffers of `onnx.proto3`. */

export interface OnnxNode {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number>>;
}

const TYPES = { float: 1, uint8: 2, int8: 3, int32: 6 } as const;

export interface OnnxTensor {
  readonly name: string;
  readonly type: keyof typeof TYPES;
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

/** An input or output, f32 unless it says otherwise; a name in the shape is a size that is open. */
export interface OnnxValue {
  readonly name: string;
  readonly type?: keyof typeof TYPES;
  readonly shape: readonly (number | string)[];
}

type Bytes = readonly number[] | Uint8Array;

/** A model of one graph. */
export function onnxModel(
  nodes: readonly OnnxNode[],
  constants: readonly OnnxTensor[],
  inputs: readonly OnnxValue[],
  outputs: readonly OnnxValue[],
): Uint8Array {
  const graph = message(
    ...nodes.map((node) => field(1, nodeProto(node))),
    field(2, 'products'),
    ...constants.map((tensor) => field(5, tensorProto(tensor))),
    ...inputs.map((input) => field(11, valueProto(input))),
    ...outputs.map((output) => field(12, valueProto(output))),
  );
  const opset = (domain: string, version: number) => message(field(1, domain), field(2, version));
  return message(field(1, 10), field(7, graph), field(8, opset('', 23)), field(8, opset('com.microsoft', 1)));
}

function nodeProto({ op, domain = '', inputs, outputs, attributes = {} }: OnnxNode): Uint8Array {
  return message(
    ...inputs.map((name) => field(1, name)),
    ...outputs.map((name) => field(2, name)),
    field(4, op),
    // Attributes here are whole numbers: type 2.
    ...Object.entries(attributes).map(([name, value]) =>
      field(5, message(field(1, name), field(3, value), field(20, 2))),
    ),
    field(7, domain),
  );
}

function tensorProto({ name, type, shape, data }: OnnxTensor): Uint8Array {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message(
    ...shape.map((size) => field(1, size)),
    field(2, TYPES[type]),
    field(8, name),
    field(9, raw),
  );
}

function valueProto({ name, type = 'float', shape }: OnnxValue): Uint8Array {
  const dims = message(
    ...shape.map((size) => field(1, message(field(typeof size === 'number' ? 1 : 2, size)))),
  );
  return message(field(1, name), field(2, message(field(1, message(field(1, TYPES[type]), field(2, dims))))));
}

/** A field of a message: a whole number, a text, or bytes. */
function field(number: number, value: number | string | Uint8Array): Bytes[] {
  if (typeof value === 'number') return [varint(number << 3), varint(value)];
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return [varint((number << 3) | 2), varint(bytes.length), bytes];
}

function varint(value: number): number[] {
  const out: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) out.push((value % 128) | 128);
  out.push(value);
  return out;
}

function message(...fields: readonly (readonly Bytes[])[]): Uint8Array {
  const parts = fields.flat();
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
