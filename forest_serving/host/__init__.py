"""Every hold on what BentoML, uvicorn and Circus are inside, and the putting together of a worker."""
