"""KServe's SDK, asked as its documentation shows: its client, and a transformer. Usage: kserve_client.py HOST:PORT."""

import asyncio
import json
import sys

import numpy as np
from httpx import HTTPStatusError
from kserve import InferInput, InferRequest, Model, PredictorConfig
from kserve.context import set_predictor_config
from kserve.inference_client import InferenceRESTClient, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

HOST = sys.argv[1]
URL = f"http://{HOST}"
ROWS = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]])


def request(is_binary, names=(), **parameters):
    """Return rows as a request, for the outputs with these names."""
    tensor = InferInput("input-0", list(ROWS.shape), "FP64")
    tensor.set_data_from_numpy(ROWS, binary_data=is_binary)
    outputs = [RequestedOutput(name) for name in names]
    return InferRequest("iris", [tensor], request_outputs=outputs, parameters=parameters)


def told(response):
    """Return a reply's outputs as lists."""
    return {output.name: output.as_numpy().tolist() for output in response.outputs}


async def health(protocol):
    """Return what the client makes of the server's health: as V1 has it, there is no readiness of a server."""
    async with InferenceRESTClient(RESTConfig(protocol=protocol)) as client:
        ready = await client.is_server_ready(URL) if protocol == "v2" else None
        return [await client.is_server_live(URL), ready, await client.is_model_ready(URL, "iris")]


async def inferred():
    """Return what the client gets, however it sends and wants tensors."""
    async with InferenceRESTClient(RESTConfig(protocol="v2")) as client:
        requests = {
            "json": request(False),
            "binary": request(True),
            "both ways binary": request(True, binary_data_output=True),
            "one output": request(True, ["predict"]),
        }
        return {way: told(await client.infer(URL, each, "iris")) for way, each in requests.items()}


async def predicted(**fields):
    """Return what V1's client gets."""
    async with InferenceRESTClient(RESTConfig(protocol="v1")) as client:
        return await client.infer(URL, fields, "iris")


async def refusal(instances):
    """Return how V1's client words a refusal."""
    try:
        await predicted(instances=instances)
    except HTTPStatusError as error:
        return str(error)
    return None


async def transformed(protocol, payload):
    """Return what a transformer gets from the server that stands behind it as its predictor."""
    set_predictor_config(PredictorConfig(HOST, protocol))
    response, _ = await Model("iris")(payload, {"x-request-id": "7"})
    return response if isinstance(response, dict) else told(response)


async def main():
    """Print all of it."""
    instances = ROWS.tolist()
    found = {
        "v1 health": await health("v1"),
        "v2 health": await health("v2"),
        "inferred": await inferred(),
        "predicted": await predicted(instances=instances),
        "refused": await refusal([[1, 2, 3]]),
        "v1 transformer": await transformed("v1", {"instances": instances}),
        "v2 transformer": await transformed("v2", request(False)),
        "v2 transformer, binary": await transformed("v2", request(True, binary_data_output=True)),
    }
    print(json.dumps(found))


asyncio.run(main())
