"""`watch`: a run as it stands now, and again whenever it has gone on."""
