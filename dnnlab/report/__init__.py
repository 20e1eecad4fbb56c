"""Pages: numbers in, one self-contained HTML file out. Pure: no run folder, no torch.

`shell` is what all pages share (frame, styles, script), `charts` the curves, `pictures` arrays as images,
`run_page` the page of a run.
"""
