"""SageMaker's SDK: what its serializers write is sent, and its deserializers read the replies; then a batch transform.

Usage: sagemaker_client.py URL.
"""

import json
import sys

import numpy as np
import requests
from sagemaker.core import deserializers, serializers

URL = sys.argv[1]
NAMES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
ROWS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]
NAMED = "\n".join([",".join(NAMES), *(",".join(map(str, row)) for row in ROWS)])
SENT = {
    "csv": (serializers.CSVSerializer(), ROWS),
    "csv of an array": (serializers.CSVSerializer(), np.array(ROWS)),
    "csv with names": (serializers.CSVSerializer(), NAMED),
    "json": (serializers.JSONSerializer(), ROWS),
    "json object": (serializers.JSONSerializer(), {"instances": ROWS}),
    "json lines": (serializers.JSONLinesSerializer(), ROWS),
    "json lines of features": (serializers.JSONLinesSerializer(), [{"features": row} for row in ROWS]),
    "npy": (serializers.NumpySerializer(), np.array(ROWS)),
}
READ = {
    "csv": deserializers.CSVDeserializer(),
    "json": deserializers.JSONDeserializer(),
    "json lines": deserializers.JSONLinesDeserializer(),
    "npy": deserializers.NumpyDeserializer(),
}


def answer(body, content_type, accept):
    """Return the reply to a request as invoke_endpoint passes it on to a container."""
    headers = {"Content-Type": content_type, "Accept": accept}
    return requests.post(f"{URL}/invocations", data=body, headers=headers, stream=True, timeout=30)


def read(sent, reader):
    """Return what one deserializer makes of the reply to what one serializer made."""
    serializer, value = sent
    reply = answer(serializer.serialize(value), serializer.CONTENT_TYPE, ", ".join(reader.ACCEPT))
    if reply.status_code != 200:
        return reply.text
    found = reader.deserialize(reply.raw, reply.headers["Content-Type"])
    return found.tolist() if isinstance(found, np.ndarray) else found


def records_of(row, content_type):
    """Return one record of a batch transform's input, with the end that SplitType Line looks for."""
    return (",".join(map(str, row)) if content_type == "text/csv" else json.dumps({"features": row})) + "\n"


def transform(lines, content_type, accept):
    """Return what MULTI_RECORD makes: as many whole lines a request as MaxPayloadInMB has room for."""
    most = requests.get(f"{URL}/execution-parameters", timeout=5).json()
    if most["BatchStrategy"] != "MULTI_RECORD":
        raise SystemExit(f"no batches of many records: {most}")
    batches, n_bytes = [[]], 0
    for line in lines:
        if n_bytes + len(line) > most["MaxPayloadInMB"] << 20:
            batches.append([])
            n_bytes = 0
        batches[-1].append(line)
        n_bytes += len(line)
    replies = [answer("".join(batch), content_type, accept) for batch in batches]
    answers = "".join(reply.text for reply in replies).splitlines()
    return {
        "statuses": [reply.status_code for reply in replies],
        "n_rows_at_most": max(map(len, batches)),
        "n_answers": len(answers),
        "labels": answers[:10],
    }


ANY = [ROWS[n % 2] for n in range(150_000)]
said = {f"{sent} as {form}": read(SENT[sent], READ[form]) for sent in SENT for form in READ}
for content_type in ("text/csv", "application/jsonlines"):
    lines = [records_of(row, content_type) for row in ANY]
    said[f"transform of {content_type}"] = transform(lines, content_type, content_type)
print(json.dumps(said))
