"""One file per wire protocol, each only decode(body) and encode(answer)."""
