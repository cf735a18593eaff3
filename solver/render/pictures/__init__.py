"""Pictures: one file for each kind, made of marks that SVG and TikZ are written from."""
