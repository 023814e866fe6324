"""Writes the dense segments of a MemMamba model as ONNX graphs.

    /usr/bin/python3 -m memmamba_training.export.dense_graphs models/artifacts/tiny

reads `config.json` and writes `graphs/*.onnx`, a few hundred bytes each. The graphs hold no weights: every
weight is an input, so that one session serves all layers, on the GPU from buffers that stay there. The number
of tokens L is symbolic. All values are f32, row-major, and matrices are stored (in, out), so that every
projection is a plain MatMul.

A layer is three runs, with our own kernels (in capitals) between them:

    first | enter[_cross] -> CAUSAL CONV -> select -> SELECTIVE SCAN -> note -> NOTE POOL, POOL ATTENTION

The residual add of a layer's reads waits for the next layer's `enter`, which saves a run. `leave[_cross]`
does that add behind the last layer, where logits or updates are asked for, and `head` makes logits.

The pools, the two attentions over them and the gate's threshold tau2 are the kernels' part.
"""

import argparse
import json
import pathlib

from onnx import TensorProto, helper

# Opset 23 has RMSNormalization. The file format version is pinned to what that opset needs, whatever the
# version of the onnx package that writes it.
OPSET = 23
IR_VERSION = 10

FLOAT = TensorProto.FLOAT


class Graph:
    """Collects the nodes, inputs and outputs of one graph."""

    def __init__(self, name):
        self.name = name
        self.nodes = []
        self.inputs = []
        self.outputs = []
        self.constants = []
        self.count = 0

    def input(self, name, *shape, dtype=FLOAT):
        self.inputs.append(helper.make_tensor_value_info(name, dtype, list(shape)))
        return name

    def output(self, name, *shape):
        self.outputs.append(helper.make_tensor_value_info(name, FLOAT, list(shape)))

    def constant(self, name, dtype, values, *shape):
        self.constants.append(helper.make_tensor(name, dtype, list(shape), values))
        return name

    def node(self, op, inputs, output=None, **attributes):
        """Adds a node with one output and returns the output's name."""
        if output is None:
            self.count += 1
            output = f"t{self.count}"
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def split(self, value, outputs, sizes):
        """Splits the last axis."""
        lengths = self.constant("_".join(outputs) + "_sizes", TensorProto.INT64, sizes, len(sizes))
        self.nodes.append(helper.make_node("Split", [value, lengths], outputs, axis=-1))

    def first_columns(self, value, count):
        """The first `count` entries of the last axis."""
        ends = {"starts": 0, "ends": count, "axes": -1}
        names = [self.constant(name, TensorProto.INT64, [end], 1) for name, end in ends.items()]
        return self.node("Slice", [value, *names])

    def model(self):
        graph = helper.make_graph(
            self.nodes, self.name, self.inputs, self.outputs, initializer=self.constants
        )
        model = helper.make_model(
            graph,
            producer_name="memmamba",
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        model.ir_version = IR_VERSION
        return model


def rms_norm(graph, value, weight, eps, output=None):
    return graph.node("RMSNormalization", [value, weight], output, axis=-1, epsilon=eps)


def residual_with_reads(graph, config, cross):
    """x + g * (reads Wo) [+ cross_reads Wo'], the end of the layer before."""
    d, reads = config["dModel"], config["nHeads"] * config["noteDim"]
    x = graph.input("x", "L", d)
    gate = graph.input("gate", "L", 1)
    token_reads = graph.input("reads", "L", reads)
    token_out = graph.input("token_out", reads, d)
    value = graph.node("MatMul", [token_reads, token_out])
    value = graph.node("Add", [x, graph.node("Mul", [value, gate])], None if cross else "residual")
    if cross:
        cross_reads = graph.input("cross_reads", "L", reads)
        cross_out = graph.input("cross_out", reads, d)
        added = graph.node("MatMul", [cross_reads, cross_out])
        value = graph.node("Add", [value, added], "residual")
    graph.output("residual", "L", d)
    return value


def inner_projections(graph, config, residual):
    """RMSNorm and the two halves of in_proj."""
    d, inner = config["dModel"], config["dInner"]
    norm = graph.input("norm", d)
    in_x = graph.input("in_x", d, inner)
    in_z = graph.input("in_z", d, inner)
    u = rms_norm(graph, residual, norm, config["normEps"])
    graph.node("MatMul", [u, in_x], "conv_in")
    graph.node("MatMul", [u, in_z], "z")
    graph.output("conv_in", "L", inner)
    graph.output("z", "L", inner)


def first(config):
    """tokens -> embedding rows -> RMSNorm, in_proj of layer 0.

    The number of rows is symbolic: where inputs are copied at every run, the caller gives only what it needs.
    """
    graph = Graph("first")
    tokens = graph.input("tokens", "L", dtype=TensorProto.INT32)
    embedding = graph.input("embedding", "V", config["dModel"])
    graph.node("Gather", [embedding, tokens], "residual", axis=0)
    graph.output("residual", "L", config["dModel"])
    inner_projections(graph, config, "residual")
    return graph


def enter(config, cross):
    """Residual add of the layer before, then RMSNorm and in_proj of this layer."""
    graph = Graph("enter_cross" if cross else "enter")
    inner_projections(graph, config, residual_with_reads(graph, config, cross))
    return graph


def select(config):
    """Convolved stream -> the input-dependent parameters of the scan.

    `projected` has the columns low rank, B, C; the kernels read B and C in place. `delta` is before softplus.
    """
    graph = Graph("select")
    inner, state, rank = config["dInner"], config["dState"], config["dtRank"]
    u = graph.input("u", "L", inner)
    x_proj = graph.input("x_proj", inner, rank + 2 * state)
    dt_proj = graph.input("dt_proj", rank, inner)
    dt_bias = graph.input("dt_bias", inner)
    graph.node("MatMul", [u, x_proj], "projected")
    low_rank = graph.first_columns("projected", rank)
    graph.node("Add", [graph.node("MatMul", [low_rank, dt_proj]), dt_bias], "delta")
    graph.output("projected", "L", rank + 2 * state)
    graph.output("delta", "L", inner)
    return graph


def note(config):
    """Gated scan output -> residual; then all that is linear in v = RMSNorm(x): score, gate, note, queries.

    The width Q of the queries is symbolic: where there is cross-layer attention, its queries follow those of
    the token attention in the same rows; where the layer has a row of a sentence head, that comes last.
    """
    graph = Graph("note")
    d, inner, dim = config["dModel"], config["dInner"], config["noteDim"]
    x = graph.input("x", "L", d)
    y = graph.input("y", "L", inner)
    out_proj = graph.input("out_proj", inner, d)
    norm = graph.input("note_norm", d)
    note_proj = graph.input("note_proj", d, 2 + dim)
    score_bias = graph.input("score_bias", 1)
    gate_bias = graph.input("gate_bias", 1)
    query_proj = graph.input("query_proj", d, "Q")
    graph.node("Add", [x, graph.node("MatMul", [y, out_proj])], "residual")
    v = rms_norm(graph, "residual", norm, config["normEps"])
    graph.split(graph.node("MatMul", [v, note_proj]), ["score", "raw_gate", "notes"], [1, 1, dim])
    graph.node("Add", ["score", score_bias], "scores")
    graph.node("Sigmoid", [graph.node("Add", ["raw_gate", gate_bias])], "gate")
    graph.node("MatMul", [v, query_proj], "queries")
    graph.output("residual", "L", d)
    graph.output("scores", "L", 1)
    graph.output("gate", "L", 1)
    graph.output("notes", "L", dim)
    graph.output("queries", "L", "Q")
    return graph


def leave(config, cross):
    """Residual add behind the last layer."""
    graph = Graph("leave_cross" if cross else "leave")
    residual_with_reads(graph, config, cross)
    return graph


def head(config):
    """Final norm and tied embedding."""
    graph = Graph("head")
    d, vocab = config["dModel"], config["vocabSize"]
    x = graph.input("x", "L", d)
    norm = graph.input("norm", d)
    embedding = graph.input("embedding", vocab, d)
    u = rms_norm(graph, x, norm, config["normEps"])
    graph.node("Gemm", [u, embedding], "logits", transB=1)
    graph.output("logits", "L", vocab)
    return graph


def graphs(config):
    """The graphs that a model of this configuration runs, by name."""
    every, layers = config["crossLayerEvery"], config["nLayer"]
    cross = [every > 0 and (layer + 1) % every == 0 for layer in range(layers)]
    found = [first(config), select(config), note(config), leave(config, cross[-1]), head(config)]
    found += [enter(config, kind) for kind in sorted(set(cross[:-1]))]
    return {graph.name: graph.model() for graph in found}


def write(folder):
    """Writes `folder`/graphs from `folder`/config.json and returns the files written."""
    folder = pathlib.Path(folder)
    config = json.loads((folder / "config.json").read_text())
    target = folder / "graphs"
    target.mkdir(exist_ok=True)
    for old in target.glob("*.onnx"):
        old.unlink()
    written = []
    for name, model in sorted(graphs(config).items()):
        path = target / f"{name}.onnx"
        path.write_bytes(model.SerializeToString())
        written.append(path)
    return written


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="model folder that holds config.json")
    arguments = parser.parse_args()
    for path in write(arguments.folder):
        print(f"{path} {path.stat().st_size}")


if __name__ == "__main__":
    main()
