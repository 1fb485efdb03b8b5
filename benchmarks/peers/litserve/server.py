"""The forest behind LitServe."""

import os
import sys

import joblib
import litserve


class ForestAPI(litserve.LitAPI):
    """Classify flowers."""

    def setup(self, device):
        """Load the forest."""
        self.forest = joblib.load(os.environ["FOREST"])

    def decode_request(self, request):
        """Return the rows of a request."""
        return request["input"]

    def predict(self, rows):
        """Return the class of each row."""
        return self.forest.predict(rows)

    def encode_response(self, labels):
        """Return the reply."""
        return {"output": labels.tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(ForestAPI(), accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="warning")
