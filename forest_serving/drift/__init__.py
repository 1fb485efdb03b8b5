"""Whether the latest rows look like the training data: counted in bins, compared with the card, told as one verdict."""
