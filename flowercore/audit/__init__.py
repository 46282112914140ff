"""Finding what is wrong with a dataset: twins, bad photos, strangers, wrong labels."""
