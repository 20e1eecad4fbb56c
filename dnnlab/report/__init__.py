"""Make pages from numbers: one self-contained HTML file each. Pure functions: no run folder, no torch.

`shell` makes the frame that all pages share, `charts` the curves, `pictures` images of arrays, `sections` the
sections of a run's page and `sweep_sections` those of a sweep's page.
"""
