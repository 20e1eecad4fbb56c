"""`watch`: a run as it stands now, again whenever it has gone on."""
