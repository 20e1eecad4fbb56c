"""What a run's folder holds, as a page or a picture."""
