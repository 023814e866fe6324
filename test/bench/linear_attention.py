#!/usr/bin/env python3
"""Writes the selective scan's recurrence as one node of ONNX Runtime, the peer in `scan.ts`.

    /usr/bin/python3 test/bench/linear_attention.py test/bench/base/linear_attention.onnx

`com.microsoft.LinearAttention` with one key-value head a channel, keys of d_state and values of one number
computes S = exp(decay) S + k v, y = q S: Mamba's recurrence with q = C, k = B, v = delta u, decay = delta A.
Softplus, skip and gate are not part of it, and decay, of shape (L, d_inner, d_state), must be in memory.
"""

import argparse
import pathlib

from onnx import TensorProto, helper


def model(inner, state):
    widths = {"q": inner * state, "k": state, "v": inner, "decay": inner * state}
    node = helper.make_node(
        "LinearAttention",
        ["q", "k", "v", "", "decay"],
        ["y", "state"],
        domain="com.microsoft",
        q_num_heads=inner,
        kv_num_heads=inner,
        update_rule="gated",
        scale=1.0,
    )
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        [node],
        "linear_attention",
        [tensor(name, TensorProto.FLOAT, [1, "L", width]) for name, width in widths.items()],
        [
            tensor("y", TensorProto.FLOAT, [1, "L", inner]),
            tensor("state", TensorProto.FLOAT, [1, inner, state, 1]),
        ],
    )
    opsets = [helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)]
    made = helper.make_model(graph, producer_name="memmamba", opset_imports=opsets)
    made.ir_version = 10
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--inner", type=int, default=768)
    parser.add_argument("--state", type=int, default=16)
    arguments = parser.parse_args()
    made = model(arguments.inner, arguments.state)
    pathlib.Path(arguments.file).write_bytes(made.SerializeToString())


if __name__ == "__main__":
    main()
