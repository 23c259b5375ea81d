"""Objectives, one file a family; each file declares one `lab.component.Landscape`."""
