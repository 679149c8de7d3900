"""Seeded seasons from real communes, our engine and its peers on them in one run, and the table of what came out."""
