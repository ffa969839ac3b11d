"""What the Python packages make of Layerwise's files. Every command prints one line of JSON.

read <file.safetensors>                metadata and tensors
predict <file.onnx> <inputs.json>      checks the model, then predicts in onnxruntime
columns <jobs.json>                    predicts in onnxruntime from raw columns, of several models
sequential <file.safetensors> <dtype>  writes a PyTorch-style file; prints inputs and predictions
"""

import json
import sys

import numpy as np


def read(path):
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        return {
            "metadata": file.metadata(),
            "tensors": {
                name: {"dtype": str(t.dtype), "shape": list(t.shape), "values": t.ravel().tolist()}
                for name, t in tensors.items()
            },
        }


def predict(path, inputs_path):
    import onnx
    import onnxruntime

    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (input,) = session.get_inputs()
    (output,) = session.get_outputs()
    x = np.array(json.load(open(inputs_path)), dtype=np.float64 if "double" in input.type else np.float32)
    predictions = session.run(None, {"x": x})[0]
    singly = np.concatenate([session.run(None, {"x": row[None, :]})[0] for row in x])
    return {
        "producer": [model.producer_name, model.producer_version],
        "metadata": session.get_modelmeta().custom_metadata_map,
        "opsets": {entry.domain: entry.version for entry in model.opset_import},
        "operators": [node.op_type for node in model.graph.node],
        "input": [input.name, input.shape, input.type],
        "output": [output.name, output.shape, output.type],
        "predictions": predictions.tolist(),
        "difference": float(np.abs(predictions - singly).max()),
    }


def columns(jobs_path):
    import onnx
    import onnxruntime

    outputs = []
    for job in json.load(open(jobs_path)):
        onnx.checker.check_model(onnx.load(job["path"]), full_check=True)
        session = onnxruntime.InferenceSession(job["path"], providers=["CPUExecutionProvider"])
        feeds = {
            name: np.array(values, dtype=object if type(values[0]) is str else np.float64)[:, None]
            for name, values in job["columns"].items()
        }
        results = session.run(None, feeds)
        names = [output.name for output in session.get_outputs()]
        outputs.append({name: result.ravel().tolist() for name, result in zip(names, results)})
    return outputs


def sequential(path, dtype):
    """nn.Sequential(Linear(5, 7), ReLU(), Linear(7, 4), ReLU(), Linear(4, 3), Softmax(dim=1))"""
    x = np.random.default_rng(1).normal(size=(9, 5)).astype(dtype)
    try:
        import torch
    except ImportError:
        return {"writer": "numpy", "x": x.tolist(), "predictions": numpy_sequential(path, x)}
    from safetensors.torch import save_file
    from torch import nn

    model = nn.Sequential(
        nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 4), nn.ReLU(), nn.Linear(4, 3), nn.Softmax(dim=1)
    ).to(getattr(torch, dtype))
    save_file(model.state_dict(), path, metadata={"format": "pt"})
    predictions = model(torch.from_numpy(x)).detach().numpy()
    return {"writer": "torch", "x": x.tolist(), "predictions": predictions.tolist()}


def numpy_sequential(path, x):
    """The same names and layout as PyTorch's state_dict has, without PyTorch."""
    from safetensors.numpy import save_file

    random = np.random.default_rng(2)
    tensors = {}
    a = x
    for number, (n_in, n_out) in enumerate([(5, 7), (7, 4), (4, 3)]):
        weight = random.normal(size=(n_out, n_in)).astype(x.dtype)
        bias = random.normal(size=n_out).astype(x.dtype)
        tensors[f"{2 * number}.weight"] = weight
        tensors[f"{2 * number}.bias"] = bias
        z = a @ weight.T + bias
        a = np.maximum(z, 0)
    save_file(tensors, path, metadata={"format": "pt"})
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).tolist()


COMMANDS = {"read": read, "predict": predict, "columns": columns, "sequential": sequential}
print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
