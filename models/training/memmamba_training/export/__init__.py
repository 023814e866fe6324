"""The model folder that programs read: ONNX graphs, weights in eight bits, golden files."""
