"""Pretrained networks: facts, weights and the runtime that computes features."""
